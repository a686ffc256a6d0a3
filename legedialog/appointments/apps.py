from django.apps import AppConfig


class AppointmentsConfig(AppConfig):
    name = "legedialog.appointments"
    label = "appointments"
