from django.apps import AppConfig


class ConsentConfig(AppConfig):
    name = "legedialog.consent"
    label = "consent"
