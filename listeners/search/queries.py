"""What somebody typed into the search box, understood.

`sun mirror` both words in any form · `"sun mirror"` one after the other · `helio*` a beginning ·
`-moon` not this word.  The last word counts as a beginning too, as it may still be growing.
Everything else is taken for words and spaces, so that no query can be wrong.
"""

import re
from typing import NamedTuple

from listeners.search.analysis import Word, words
from listeners.search.stemming import stem

LENGTH = 200  # characters that are looked at
WORDS = 20  # at most; a query of more is a text
GROWING = 3  # letters before the last word is taken for a beginning

_CHUNK = re.compile(
    r'(?P<minus>(?<!\S)-)?(?:["“”„](?P<quoted>[^"“”„]*)["“”„]?|(?P<plain>[^\s"“”„]+))'
)
# Between the parts of what is written as one: 5.2, e-mail, ada@example.net.  The characters of
# scripts without spaces have nothing between them.
_JOINED = re.compile(r"[.'\u2019\-@_/]?")


class Clause(NamedTuple):
    """One thing to look for: a word, or several in this order."""

    words: tuple[str, ...]  # folded, with their endings
    starred: bool = False  # any word that begins like this one
    growing: bool = False  # this word, or any that begins like it
    excluded: bool = False

    @property
    def stems(self) -> tuple[str, ...]:
        return tuple(stem(word) for word in self.words)


class Query(NamedTuple):
    """All clauses have to hold; without a wanted one there is nothing to look for."""

    clauses: tuple[Clause, ...] = ()

    @property
    def wanted(self) -> list[Clause]:
        return [clause for clause in self.clauses if not clause.excluded]

    @property
    def unwanted(self) -> list[Clause]:
        return [clause for clause in self.clauses if clause.excluded]

    def __bool__(self) -> bool:
        return bool(self.wanted)


def parse(text: str) -> Query:
    """The query behind what was typed; never an error."""
    clauses: list[Clause] = []
    chunks = list(_CHUNK.finditer(text[:LENGTH]))
    for chunk in chunks:
        clauses += _clauses(chunk, is_last=chunk is chunks[-1])
    kept, count = [], 0
    for clause in clauses:
        count += len(clause.words)
        if count > WORDS:
            break
        kept.append(clause)
    return Query(tuple(kept) or tuple(_shortened(clauses)))


def _shortened(clauses: list[Clause]) -> list[Clause]:
    return [clauses[0]._replace(words=clauses[0].words[:WORDS])] if clauses else []


def _clauses(chunk: re.Match[str], *, is_last: bool) -> list[Clause]:
    excluded, quoted, plain = bool(chunk["minus"]), chunk["quoted"], chunk["plain"]
    if quoted is not None:
        phrase = tuple(word.form for word in words(quoted))
        return [Clause(phrase, excluded=excluded)] if phrase else []
    runs = _runs(plain)
    found = [Clause(tuple(word.form for word in run), excluded=excluded) for run in runs]
    if found and len(found[-1].words) == 1:
        last = found[-1]
        starred = plain[runs[-1][-1].end :].startswith("*")
        growing = is_last and not excluded and not starred and len(last.words[0]) >= GROWING
        found[-1] = last._replace(starred=starred, growing=growing)
    return found


def _runs(text: str) -> list[list[Word]]:
    """The words of a piece without spaces, those written as one together."""
    runs: list[list[Word]] = []
    for word in words(text):
        if runs and _JOINED.fullmatch(text, runs[-1][-1].end, word.begin):
            runs[-1].append(word)
        else:
            runs.append([word])
    return runs
