from django.apps import AppConfig


class JourneysConfig(AppConfig):
    name = "legedialog.journeys"
    label = "journeys"
