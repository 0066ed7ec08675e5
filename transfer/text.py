"""Plain words out of whatever other systems keep in their fields."""

import html
import re

from django.core.exceptions import ValidationError

from blog.rendering.pipeline import plain_text

_LAST_WORD = re.compile(r"\s+\S*$")


def plain(markup: str) -> str:
    """The words of HTML on one line, entities resolved."""
    return one_line(html.unescape(plain_text(markup)))


def one_line(text: str) -> str:
    return " ".join(text.split())


def cut_at_word(text: str, limit: int) -> str:
    """At most `limit` characters of `text`, ending with a whole word and "…" where cut."""
    if len(text) <= limit:
        return text
    head = text[: limit - 1]
    if not text[limit - 1].isspace():
        # One word longer than the limit leaves nothing else to cut at.
        head = _LAST_WORD.sub("", head) or head
    return f"{head.rstrip()}…"


def reason(error: Exception) -> str:
    """Why something did not come in, for the report: a door's sentences, or what broke."""
    if isinstance(error, ValidationError):
        return " ".join(error.messages)
    return f"{type(error).__name__}: {error}"
