from django.apps import AppConfig


class PrescriptionsConfig(AppConfig):
    name = "legedialog.prescriptions"
    label = "prescriptions"
