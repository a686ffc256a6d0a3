from django.apps import AppConfig


class VisibilityConfig(AppConfig):
    name = "legedialog.visibility"
    label = "visibility"
