"""The lab's sentences on a page."""

import re

from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

register = template.Library()


@register.filter
def with_code(text: str) -> SafeString:
    """Escape a sentence and set what stands between backticks as code.

    >>> with_code("`clear()` & co.")
    '<code>clear()</code> &amp; co.'
    """
    return mark_safe(re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text)))  # noqa: S308 - escaped
