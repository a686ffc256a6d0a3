from django.apps import AppConfig


class FeesConfig(AppConfig):
    name = "legedialog.fees"
    label = "fees"
