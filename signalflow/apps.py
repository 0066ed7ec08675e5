from django.apps import AppConfig


class SignalflowConfig(AppConfig):
    name = "signalflow"
    verbose_name = "Signal workflow"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from signalflow import checks, receivers  # noqa: F401, PLC0415 - registers both
