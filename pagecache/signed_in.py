"""Public pages for people who are signed in: what everybody reads, in a frame of their own."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.template.response import TemplateResponse
from django.utils.safestring import mark_safe

from pagecache.fragments import at_generation, cached_fragment
from pagecache.freshness import current_generation
from pagecache.pages import Parameters
from pagecache.views import CachedPage, page_key

# Between two blocks, and in no text: nobody knows it.
BLOCK_SEPARATOR = f"<!-- {secrets.token_hex(16)} -->"


class _Instead(Exception):  # noqa: N818 - no error: a redirect, say
    def __init__(self, response: HttpResponseBase) -> None:
        super().__init__()
        self.response = response


class SignedInPage(CachedPage):
    """A public page of HTML, whose template extends the variable `frame`.

    For somebody signed in its blocks are rendered as for anybody and stored (`cached_fragment`);
    the template `frame` puts them into that person's page.
    """

    frame = "_framed.html"
    # Shows the blocks of `block_names`, in this order, with {{ separator }} between them.
    blocks_template = "_blocks.html"
    block_names = ("title", "description", "head", "aside", "content", "scripts")
    block_parameters: Parameters | None = None  # None: all that make another page

    def frame_context(self) -> dict[str, Any]:
        """What the frame itself shows, beside the blocks.  May raise Http404."""
        return {}

    def _for_somebody(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        parameters = self.page_parameters
        if self.block_parameters is not None:
            parameters = self.block_parameters
        name = page_key(request.path, request.GET, parameters)
        if name is None:
            return super()._for_somebody(request, *args, **kwargs)
        with at_generation(current_generation()):
            try:
                blocks = cached_fragment(name, lambda: self._blocks(request, *args, **kwargs))
            except _Instead as instead:
                return instead.response
            context = {**self.frame_context(), "blocks": blocks}
            return TemplateResponse(request, self.frame, context).render()

    def _blocks(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, str]:
        with _nobody(request):
            response = self._respond(request, *args, **kwargs)
            if not isinstance(response, TemplateResponse) or response.status_code != 200:
                raise _Instead(response)
            separator = mark_safe(BLOCK_SEPARATOR)  # noqa: S308 - ours
            framed = {"frame": self.blocks_template, "separator": separator}
            response.context_data = {**(response.context_data or {}), **framed}
            texts = response.rendered_content.split(BLOCK_SEPARATOR)
        blocks = zip(self.block_names, texts, strict=True)
        return {name: mark_safe(text.strip()) for name, text in blocks}  # noqa: S308 - rendered


@contextmanager
def _nobody(request: HttpRequest) -> Iterator[None]:
    """Inside, the request is that of a visitor: what is rendered must do for everybody."""
    # Not at the top: this is imported by models, before there are any.
    from django.contrib.auth.models import AnonymousUser  # noqa: PLC0415

    somebody, request.user = request.user, AnonymousUser()
    try:
        yield
    finally:
        request.user = somebody
