from django.apps import AppConfig


class WebhooksConfig(AppConfig):
    name = "listeners.webhooks"

    def ready(self) -> None:
        from listeners.webhooks import receivers  # noqa: F401, PLC0415 - connects the receivers
