"""Refusals in words: every answer that says no is a page of ours, whoever gave it.

Django and its packages leave some of them empty, and have a page of their own where a template
is missing.  Nobody may keep what is said here: what is not there now may be there in a minute.
"""

import logging
from http import HTTPStatus
from typing import NamedTuple

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.interrupted.pages import typed_in

logger = logging.getLogger("heliograph")

HTML = "text/html; charset=utf-8"
TEXT = "text/plain; charset=utf-8"


class Refusal(NamedTuple):
    """A status, and what is said with it."""

    status: int
    title: str | Promise
    text: str | Promise

    @property
    def sentence(self) -> str:
        """The text, with the numbers it names as they are set."""
        text, limit = str(self.text), f"{settings.BODY_MAX_BYTES / 1_000_000:g}"
        return text.replace("{limit}", limit)

    @property
    def words(self) -> dict[str, str]:
        """For a template."""
        return {"title": str(self.title), "sentence": self.sentence}


UNREADABLE = Refusal(
    400,
    _("This request could not be understood"),
    _("Nothing was changed. Go back and try again."),
)
BROKEN = Refusal(
    500,
    _("Something broke"),
    _("It is our fault, and it has been noted. Try again in a moment."),
)
USUAL = {
    refusal.status: refusal
    for refusal in (
        UNREADABLE,
        Refusal(403, _("This is not open to you"), _("You may not do this.")),
        Refusal(
            404,
            _("Nothing is here"),
            _("It may have been moved or withdrawn, or never have been."),
        ),
        Refusal(
            405,
            _("This address takes something else"),
            _("Nothing was changed. Go back, and use the links and buttons of the page."),
        ),
        Refusal(
            412,
            _("This is not what you know any more"),
            _("It was to be sent only as long as it had not changed, and it has."),
        ),
        Refusal(
            413,
            _("This is too much at once"),
            _(
                "Nothing was saved. Go back and copy your text to a safe place; "
                "then send less of it."
            ),
        ),
        Refusal(
            414,
            _("This address is too long"),
            _("No page of this site has an address as long as this."),
        ),
        Refusal(
            415,
            _("This form came in an encoding that is not read here"),
            _("Nothing was saved. Forms are read as UTF-8."),
        ),
        Refusal(
            429,
            _("Too many tries"),
            _("Nothing was changed. Wait a few minutes, then go back and try again."),
        ),
        BROKEN,
    )
}

# Bodies that are not taken (config/http/bodies.py): their senders have something else to do.
CUT_SHORT = Refusal(
    HTTPStatus.BAD_REQUEST, _("This did not arrive in full"), _("Go back and send it again.")
)
TOO_SLOW = Refusal(
    HTTPStatus.REQUEST_TIMEOUT,
    _("This took too long"),
    _("What you sent did not arrive in time. Go back and send it again."),
)
LENGTH_UNKNOWN = Refusal(
    HTTPStatus.LENGTH_REQUIRED,
    _("This cannot be read"),
    _("Your program has to say how long its message is."),
)
TOO_LARGE = Refusal(
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    _("This is too large"),
    _("At most {limit} MB can be sent at once. Go back and choose something smaller."),
)
NO_ROOM = Refusal(
    HTTPStatus.SERVICE_UNAVAILABLE,
    _("Too much is being sent just now"),
    _("Nothing was kept of it. Go back and send it again in a moment."),
)

TOO_MUCH = (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent)


def usual(status: int) -> Refusal:
    """What is said with a status when nothing more is known; the status itself stays."""
    known = USUAL.get(status, BROKEN if status >= 500 else UNREADABLE)
    return known._replace(status=status)


def page(refused: Refusal) -> tuple[str, bytes]:
    """The type and the bytes of a page that refuses; plain text where no page can be made."""
    try:
        html = render_to_string("refusal.html", refused.words)
    except Exception:  # the last words of a site whose templates or files are broken
        logger.exception("the page of a refusal cannot be made")
        return TEXT, f"{refused.title}\n\n{refused.sentence}\n".encode()
    return HTML, html.encode()


def refusal(status: int) -> HttpResponse:
    """A page that refuses, as a response."""
    return response(usual(status))


def response(refused: Refusal) -> HttpResponse:
    content_type, body = page(refused)
    return HttpResponse(body, status=refused.status, content_type=content_type)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's 400, or what is too much: of a form, or of an address."""
    if isinstance(exception, TOO_MUCH):
        return refusal(413 if request.method == "POST" else 414)
    return refusal(400)


def too_many_tries(request: HttpRequest) -> HttpResponse:
    return refusal(429)


# Django's own views for these read the form once more, and break where it cannot be read.


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    context = {**usual(403).words, "told": typed_in(request)}
    context["sentence"] = str(exception) or context["sentence"]
    return render(request, "403.html", context, status=403)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    context = {**usual(404).words, "told": typed_in(request)}
    return render(request, "404.html", context, status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    return refusal(500)
