from django.apps import AppConfig


class GuidanceConfig(AppConfig):
    name = "legedialog.guidance"
    label = "guidance"
