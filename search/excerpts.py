"""The passage that shows why a post was found."""

import re

BEFORE, LENGTH = 60, 240  # characters

Parts = list[tuple[str, bool]]


def excerpt(text: str, words: list[str]) -> Parts:
    """A passage of `text` as (piece, is it a match?) pairs; the template marks the matches."""
    if not words:
        return [(text[:LENGTH], False)]
    pattern = re.compile(rf"\b(?:{'|'.join(map(re.escape, words))})\w*", re.IGNORECASE)
    first = pattern.search(text)
    begin = max(0, first.start() - BEFORE) if first else 0
    passage = ("… " if begin else "") + text[begin : begin + LENGTH]
    if begin + LENGTH < len(text):
        passage += " …"
    parts, place = [], 0
    for match in pattern.finditer(passage):
        parts += [(passage[place : match.start()], False), (match.group(), True)]
        place = match.end()
    return [part for part in [*parts, (passage[place:], False)] if part[0]]
