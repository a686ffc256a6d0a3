from django.apps import AppConfig


class AttachmentsConfig(AppConfig):
    name = "legedialog.attachments"
    label = "attachments"
