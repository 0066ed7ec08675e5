"""What people type over several lines, as it is kept, and names in lines that are short."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.text import Truncator

SHORT_NAME = 40  # characters: a subject with it still shows what a mail is about


def with_line_feeds(text: str) -> str:
    """Each line end as one character: browsers send two, and count them as one."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def short_site_name() -> str:
    """The site's name for a line that has more to say, such as the subject of a mail."""
    return Truncator(settings.SITE_NAME).chars(SHORT_NAME)


class MultilineField(forms.CharField):
    """A text whose lines end as they are kept, before its length is looked at.

    Every form field for several lines is one; the doors do the same for whoever has no form.
    """

    widget = forms.Textarea

    def to_python(self, value: Any) -> Any:
        value = super().to_python(value)
        return with_line_feeds(value) if isinstance(value, str) else value
