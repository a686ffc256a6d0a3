from django.apps import AppConfig


class PatientsConfig(AppConfig):
    name = "legedialog.patients"
    label = "patients"
