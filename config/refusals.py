"""Refusals in words: every answer that says no is a page of ours, whoever gave it.

Django and its packages leave some of them empty, and have a page of their own where a template
is missing.  Nobody may keep what is said here: what is not there now may be there in a minute.
"""

import logging

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

Words = tuple[str | Promise, str | Promise]
UNREADABLE: Words = (
    _("This request could not be understood"),
    _("Nothing was changed. Go back and try again."),
)
BROKEN: Words = (
    _("Something broke"),
    _("It is our fault, and it has been noted. Try again in a moment."),
)
WORDS: dict[int, Words] = {
    403: (_("This is not open to you"), _("You may not do this.")),
    404: (_("Nothing is here"), _("It may have been moved or withdrawn, or never have been.")),
    405: (
        _("This address takes something else"),
        _("Nothing was changed. Go back, and use the links and buttons of the page."),
    ),
    412: (
        _("This is not what you know any more"),
        _("It was to be sent only as long as it had not changed, and it has."),
    ),
    413: (
        _("This is too much at once"),
        _("Nothing was saved. Go back and copy your text to a safe place; then send less of it."),
    ),
    414: (_("This address is too long"), _("No page of this site has an address as long as this.")),
    415: (
        _("This form came in an encoding that is not read here"),
        _("Nothing was saved. Forms are read as UTF-8."),
    ),
    429: (
        _("Too many tries"),
        _("Nothing was changed. Wait a few minutes, then go back and try again."),
    ),
}
TOO_MUCH = (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent)


def words_for(status: int) -> Words:
    """The title and the sentence of a refusal."""
    return WORDS.get(status, BROKEN if status >= 500 else UNREADABLE)


def page(status: int) -> tuple[str, bytes]:
    """The type and the bytes of a page that refuses; plain text where no page can be made."""
    title, sentence = words_for(status)
    try:
        html = render_to_string("refusal.html", {"title": title, "sentence": sentence})
    except Exception:  # the last words of a site whose templates or files are broken
        logger.exception("the page of a refusal cannot be made")
        return TEXT, f"{title}\n\n{sentence}\n".encode()
    return HTML, html.encode()


def refusal(status: int) -> HttpResponse:
    """A page that refuses, as a response."""
    content_type, body = page(status)
    return HttpResponse(body, status=status, content_type=content_type)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's 400, or what is too much: of a form, or of an address."""
    if isinstance(exception, TOO_MUCH):
        return refusal(413 if request.method == "POST" else 414)
    return refusal(400)


def too_many_tries(request: HttpRequest) -> HttpResponse:
    return refusal(429)


# Django's own views for these read the form once more, and break where it cannot be read.


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    context = {"exception": str(exception), "told": typed_in(request)}
    return render(request, "403.html", context, status=403)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "404.html", {"told": typed_in(request)}, status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    return refusal(500)
