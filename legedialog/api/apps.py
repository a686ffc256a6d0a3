from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "legedialog.api"
    label = "api"
