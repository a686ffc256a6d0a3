from django.apps import AppConfig


class GardenConfig(AppConfig):
    name = "legedialog.core.tests.garden"
    label = "garden"
