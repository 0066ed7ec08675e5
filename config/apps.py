from django.apps import AppConfig


class HouseConfig(AppConfig):
    name = "config"
    verbose_name = "Heliograph"

    def ready(self) -> None:
        from config import checks, lookups  # noqa: F401, PLC0415 - registers what is in them
