from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "listeners.audit"

    def ready(self) -> None:
        from listeners.audit import people, receivers, requests  # noqa: F401, PLC0415 - connects receivers
