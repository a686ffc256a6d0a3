from django.apps import AppConfig


class CautionsConfig(AppConfig):
    name = "legedialog.cautions"
    label = "cautions"
