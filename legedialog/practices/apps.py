from django.apps import AppConfig


class PracticesConfig(AppConfig):
    name = "legedialog.practices"
    label = "practices"
