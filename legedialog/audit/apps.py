from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "legedialog.audit"
    label = "audit"
