from django.apps import AppConfig


class BlogConfig(AppConfig):
    name = "blog"

    def ready(self) -> None:
        from blog import receivers  # noqa: F401, PLC0415 - connects the receivers
        from blog.cards import receivers as cards  # noqa: F401, PLC0415 - the same
        from blog.freshness import receivers as freshness  # noqa: F401, PLC0415 - the same
        from blog.lists import receivers as placing  # noqa: F401, PLC0415 - those of the lists too
