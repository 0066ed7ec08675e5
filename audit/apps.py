from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "audit"

    def ready(self) -> None:
        from audit import receivers, requests  # noqa: F401, PLC0415 - connects the receivers
