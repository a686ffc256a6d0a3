from django.apps import AppConfig


class PendingConfig(AppConfig):
    name = "legedialog.pending"
    label = "pending"
