from django.apps import AppConfig


class VideoConfig(AppConfig):
    name = "legedialog.video"
    label = "video"
