from django.apps import AppConfig


class OperationsConfig(AppConfig):
    name = "legedialog.operations"
    label = "operations"
