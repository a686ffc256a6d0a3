from django.apps import AppConfig


class InterpretersConfig(AppConfig):
    name = "legedialog.interpreters"
    label = "interpreters"
