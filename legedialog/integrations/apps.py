from django.apps import AppConfig


class IntegrationsConfig(AppConfig):
    name = "legedialog.integrations"
    label = "integrations"
