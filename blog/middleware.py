import logging
from collections.abc import Callable

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse

from blog.due_posts import publish_what_is_due

logger = logging.getLogger("heliograph")


class DuePostsMiddleware:
    """With cron late or dead, the first request after a post's moment publishes it.

    Comes before the middleware that says who acts: publishing is nobody's act in person.  Probes
    and files do not wait for it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(("/healthz/", settings.MEDIA_URL)):
            try:
                publish_what_is_due()
            except DatabaseError:  # a kept page can still be read
                logger.exception("nobody knows whether a post is due")
        return self.get_response(request)
