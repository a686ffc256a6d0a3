from django.apps import AppConfig


class DemoConfig(AppConfig):
    name = "legedialog.demo"
    label = "demo"
