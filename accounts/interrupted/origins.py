"""Whether a request began on a page of this site."""

from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest
from django.utils.http import escape_leading_slashes


def is_from_us(request: HttpRequest) -> bool:
    """Whether a page of ours sent it: what another site sends must never come back to be confirmed.

    Everything the browser says of the sender has to agree (Fetch Metadata, Origin, Referer), and
    a request that says nothing is not ours.
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None and site != "same-origin":
        return False
    origin = request.headers.get("Origin")
    if origin is not None:
        return origin in _ours(request)
    referer = request.headers.get("Referer")
    if referer is not None:
        return _origin(referer) in _ours(request)
    return site is not None


def page_before(request: HttpRequest) -> str:
    """The path of the page of ours that sent it, "" if that is not known."""
    referer = request.headers.get("Referer", "")
    if _origin(referer) not in _ours(request):
        return ""
    parts = urlsplit(referer)
    path = f"{parts.path}?{parts.query}" if parts.query else parts.path
    return escape_leading_slashes(path) if path.startswith("/") else ""


def _ours(request: HttpRequest) -> set[str]:
    return {f"{request.scheme}://{request.get_host()}", _origin(settings.SITE_URL)}


def _origin(address: str) -> str:
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    return f"{parts.scheme}://{parts.netloc}"
