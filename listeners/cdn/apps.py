from django.apps import AppConfig

from blog import surrogates


class CdnConfig(AppConfig):
    name = "listeners.cdn"
    verbose_name = "CDN"

    def ready(self) -> None:
        from listeners.cdn import headers, receivers  # noqa: F401, PLC0415 - connects the receivers

        surrogates.speak(headers.of)
