from django.apps import AppConfig

from pagecache import response_headers


class CdnConfig(AppConfig):
    name = "listeners.cdn"
    verbose_name = "CDN"

    def ready(self) -> None:
        from listeners.cdn import headers, receivers  # noqa: F401, PLC0415 - connects the receivers

        response_headers.register(headers.of)
