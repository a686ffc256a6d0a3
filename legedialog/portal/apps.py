from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "legedialog.portal"
    label = "portal"
