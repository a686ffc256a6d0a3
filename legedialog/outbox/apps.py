from django.apps import AppConfig


class OutboxConfig(AppConfig):
    name = "legedialog.outbox"
    label = "outbox"
