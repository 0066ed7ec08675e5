from django.apps import AppConfig


class SignalflowConfig(AppConfig):
    name = "signalflow"
    verbose_name = "Signal workflow"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from signalflow import receivers  # noqa: F401, PLC0415 - connects them
        from signalflow.operating import checks  # noqa: F401, PLC0415 - registers them
