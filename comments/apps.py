from django.apps import AppConfig


class CommentsConfig(AppConfig):
    name = "comments"

    def ready(self) -> None:
        from comments import receivers  # noqa: F401, PLC0415 - connects the receivers
