from django.apps import AppConfig


class WorkspaceConfig(AppConfig):
    name = "legedialog.workspace"
    label = "workspace"
