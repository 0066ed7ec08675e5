"""The passage that shows why a post was found, and what to mark in it."""

from collections import deque
from collections.abc import Iterable, Iterator

from listeners.search.analysis import words
from listeners.search.queries import Query
from listeners.search.stemming import stem

BEFORE, LENGTH = 60, 240  # characters

Parts = list[tuple[str, bool]]
Span = tuple[int, int]


def matches(text: str, query: Query) -> Iterator[Span]:
    """Where in `text` the wanted words and phrases stand, compared as the index compares them."""
    single = [clause for clause in query.wanted if len(clause.words) == 1]
    stems = {clause.stems[0] for clause in single if not clause.starred}
    beginnings = tuple(one.words[0] for one in single if one.starred or one.growing)
    phrases = [clause.stems for clause in query.wanted if len(clause.words) > 1]
    recent: deque[tuple[str, int]] = deque(maxlen=max(map(len, phrases), default=1))
    for word in words(text):
        root = stem(word.form)
        recent.append((root, word.begin))
        if root in stems or word.form.startswith(beginnings):
            yield word.begin, word.end
        for phrase in phrases:
            last = list(recent)[-len(phrase) :]
            if tuple(each for each, _ in last) == phrase:
                yield last[0][1], word.end


def marked(text: str, query: Query) -> Parts:
    """All of `text` as (piece, is it a match?) pairs; the template marks the matches."""
    return _parts(text, matches(text, query))


def excerpt(text: str, query: Query) -> Parts:
    """A passage of `text` around its first match, as `marked`; its beginning if there is none."""
    found = matches(text, query)
    first = next(found, None)
    begin = max(0, first[0] - BEFORE) if first else 0
    if first and begin:  # at a word, where the script has spaces
        begin = text.find(" ", begin, first[0]) + 1 or begin
    end = begin + LENGTH
    passage = text[begin:end]
    spans = [first] if first else []
    for span in found:  # which reads on in the text only as far as the passage goes
        if span[1] > end:
            break
        spans.append(span)
    parts = _parts(passage, ((one - begin, other - begin) for one, other in spans))
    return [
        *([("… ", False)] if begin else []),
        *parts,
        *([(" …", False)] if end < len(text) else []),
    ]


def _parts(text: str, spans: Iterable[Span]) -> Parts:
    parts: Parts = []
    place = 0
    for begin, end in _merged(spans):
        parts += [(text[place:begin], False), (text[begin:end], True)]
        place = end
    return [part for part in [*parts, (text[place:], False)] if part[0]]


def _merged(spans: Iterable[Span]) -> list[Span]:
    """In order and without overlaps: a phrase may hold a word that is looked for as well."""
    merged: list[Span] = []
    for begin, end in sorted(spans):
        if merged and begin < merged[-1][1]:
            last = merged.pop()
            begin, end = last[0], max(end, last[1])
        merged.append((begin, end))
    return merged
