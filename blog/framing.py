"""Public pages for people who are signed in: what everybody reads, in a frame of their own."""

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponseBase
from django.template.response import TemplateResponse
from django.utils.safestring import mark_safe

from blog import cache, fragments
from blog.pages import PublicPage, page_path

BLOCKS = ("title", "description", "head", "aside", "content", "scripts")
# Between two blocks, and in no text: nobody knows it.
CUT = f"<!-- {secrets.token_hex(16)} -->"


class _Instead(Exception):  # noqa: N818 - no error: a redirect, say
    def __init__(self, response: HttpResponseBase) -> None:
        super().__init__()
        self.response = response


class FramedPage(PublicPage):
    """A public page of HTML, whose template extends `frame`.

    For somebody signed in its blocks are rendered as for anybody and kept (`blog.fragments`);
    `frame` puts them into that person's page.
    """

    frame = "_framed.html"
    block_parameters: Sequence[str] | None = None  # None: all that make another page

    def frame_context(self) -> dict[str, Any]:
        """What the frame itself shows, beside the blocks.  May raise Http404."""
        return {}

    def _for_somebody(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        parameters = self.page_parameters
        if self.block_parameters is not None:
            parameters = self.block_parameters
        name = page_path(request.path, request.GET, parameters)
        if name is None:
            return super()._for_somebody(request, *args, **kwargs)
        with fragments.reading(cache.clock()):
            try:
                blocks = fragments.kept(name, lambda: self._blocks(request, *args, **kwargs))
            except _Instead as instead:
                return instead.response
            context = {**self.frame_context(), "blocks": blocks}
            return TemplateResponse(request, self.frame, context).render()

    def _blocks(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, str]:
        with _nobody(request):
            response = self._respond(request, *args, **kwargs)
            if not isinstance(response, TemplateResponse) or response.status_code != 200:
                raise _Instead(response)
            told = {"frame": "_blocks.html", "cut": mark_safe(CUT)}  # noqa: S308 - ours
            response.context_data = {**(response.context_data or {}), **told}
            texts = response.rendered_content.split(CUT)
        blocks = zip(BLOCKS, texts, strict=True)
        return {name: mark_safe(text.strip()) for name, text in blocks}  # noqa: S308 - rendered


@contextmanager
def _nobody(request: HttpRequest) -> Iterator[None]:
    """Inside, the request is that of a visitor: what is rendered must do for everybody."""
    somebody, request.user = request.user, AnonymousUser()
    try:
        yield
    finally:
        request.user = somebody
