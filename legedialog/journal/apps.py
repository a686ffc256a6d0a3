from django.apps import AppConfig


class JournalConfig(AppConfig):
    name = "legedialog.journal"
    label = "journal"
