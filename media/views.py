"""Uploaded files, where no proxy serves them first (deploy/ shows both proxies doing so)."""

from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase
from django.views.decorators.http import require_safe
from django.views.static import serve

MAX_AGE = 3600  # seconds; a replaced picture gets a new name, a deleted one may linger this long

NAME_BYTES = 200  # the longest name a row can hold


@require_safe
def uploaded(request: HttpRequest, name: str) -> HttpResponseBase:
    """Serve one upload as what it is: a file from a visitor, which must never run anything."""
    if len(name.encode()) > NAME_BYTES:  # which the file system answers with an error
        raise Http404
    response = serve(request, name, document_root=str(settings.MEDIA_ROOT))
    if isinstance(response, FileResponse):
        response.headers["Cache-Control"] = f"public, max-age={MAX_AGE}"
        response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
