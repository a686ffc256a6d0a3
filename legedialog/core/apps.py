from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "legedialog.core"
    label = "core"

    def ready(self) -> None:
        from legedialog.core import moments  # only now: it reads the settings

        moments.read_by_c()
