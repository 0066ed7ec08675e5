"""The site's ornament: a line of light, which is Morse code drawn as dashes and dots."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

_MORSE = dict(
    zip(
        "abcdefghijklmnopqrstuvwxyz0123456789+",
        [
            ".-",
            "-...",
            "-.-.",
            "-..",
            ".",
            "..-.",
            "--.",
            "....",
            "..",
            ".---",
            "-.-",
            ".-..",
            "--",
            "-.",
            "---",
            ".--.",
            "--.-",
            ".-.",
            "...",
            "-",
            "..-",
            "...-",
            ".--",
            "-..-",
            "-.--",
            "--..",
            "-----",
            ".----",
            "..---",
            "...--",
            "....-",
            ".....",
            "-....",
            "--...",
            "---..",
            "----.",
            ".-.-.",  # also the sign for the end of a message
        ],
        strict=True,
    )
)
# Lengths in dots, as in ITU-R M.1677-1: dash 3, gap 1, between letters 3, between words 7.
_DASH, _GAP, _LETTER, _WORD = 3, 1, 3, 7
_UNIT = 10  # user units of the drawing for one dot


@register.simple_tag
def line_of_light(text: object, css_class: str = "light") -> SafeString:
    """`text` as a drawing; decoration only, so screen readers are not told.

    Characters without a Morse code are left out, and what has none at all becomes dash-dot.
    """
    marks, at = [], 0
    for word in str(text).lower().split():
        for code in filter(None, map(_MORSE.get, word)):
            for sign in code:
                marks.append((at, _DASH if sign == "-" else 1))
                at += marks[-1][1] + _GAP
            at += _LETTER - _GAP
        at += _WORD - _LETTER
    return _draw(marks or [(0, _DASH), (_DASH + _GAP, 1)], css_class)


def _draw(marks: list[tuple[int, int]], css_class: str) -> SafeString:
    path = "".join(f"M{at * _UNIT + 5} 5h{(length - 1) * _UNIT}" for at, length in marks)
    width = (marks[-1][0] + marks[-1][1]) * _UNIT
    return format_html(
        '<svg class="{}" viewBox="0 0 {} 10" width="{}" height="10" aria-hidden="true" '
        'focusable="false"><path d="{}"/></svg>',
        css_class,
        width,
        width,
        mark_safe(path),  # noqa: S308 - numbers of our own
    )
