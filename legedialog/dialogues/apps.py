from django.apps import AppConfig


class DialoguesConfig(AppConfig):
    name = "legedialog.dialogues"
    label = "dialogues"
