from django.apps import AppConfig


class UiConfig(AppConfig):
    name = "legedialog.ui"
    label = "ui"
