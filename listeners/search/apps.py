from django.apps import AppConfig


class SearchConfig(AppConfig):
    name = "listeners.search"

    def ready(self) -> None:
        from listeners.search import receivers  # noqa: F401, PLC0415 - connects the receivers
