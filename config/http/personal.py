"""What is said to somebody in particular is kept nowhere.

Not by a proxy, and not by the browser either: after they signed out its way back asks again.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase
from django.utils.cache import patch_vary_headers

from pagecache import is_anonymous

POLICY = "private, no-store"


class PersonalMiddleware:
    """Marks every answer to visitors with a session or a waiting message, and those that set one.

    Files that are the same for everybody say so themselves (`public`), and stay so.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        is_theirs = response.cookies or not is_anonymous(request.headers.get("Cookie", ""))
        if is_theirs and "public" not in response.headers.get("Cache-Control", ""):
            response.headers["Cache-Control"] = POLICY
            patch_vary_headers(response, ["Cookie"])
        return response
