from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "legedialog.core"
    label = "core"
