from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "listeners.notifications"

    def ready(self) -> None:
        from listeners.notifications import account_notices, receivers  # noqa: F401, PLC0415 - connects them
