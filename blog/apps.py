from django.apps import AppConfig


class BlogConfig(AppConfig):
    name = "blog"

    def ready(self) -> None:
        # These connect the receivers.
        from blog import receivers  # noqa: F401, PLC0415
        from blog.invalidation import receivers as invalidation  # noqa: F401, PLC0415
        from blog.listing import receivers as listing  # noqa: F401, PLC0415
        from blog.social_images import receivers as social_images  # noqa: F401, PLC0415
