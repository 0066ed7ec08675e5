from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "audit"

    def ready(self) -> None:
        from audit import people, receivers, requests  # noqa: F401, PLC0415 - connects receivers
