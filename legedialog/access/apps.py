from django.apps import AppConfig


class AccessConfig(AppConfig):
    name = "legedialog.access"
    label = "access"
