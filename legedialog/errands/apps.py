from django.apps import AppConfig


class ErrandsConfig(AppConfig):
    name = "legedialog.errands"
    label = "errands"
