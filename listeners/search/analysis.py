"""The words of a text as both databases keep them, and where in the text they are.

Texts and queries go through this one function, so the databases need no language of their own:
what they store is plain letters and digits between spaces, and they agree by construction.
Nothing is a stop word.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import cache, lru_cache
from typing import NamedTuple

from listeners.search.stemming import REMEMBERED, stem

VERSION = 1  # raise it when terms change: documents of an older one are indexed anew
WORD_LENGTH = 64  # characters; whatever is longer is found by its beginning
TERMS_LENGTH = 300_000  # of different terms in one field: PostgreSQL's vectors end at 1 MB

STEM, FORM = "s", "f"  # the first letter of a term says which it is


def _class(belongs: Callable[[str], bool]) -> str:
    """The characters for which this holds, as the inside of a character class."""
    ranges: list[list[int]] = []
    for code in filter(lambda code: belongs(chr(code)), range(0x80, 0x20000)):
        if ranges and ranges[-1][1] == code - 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
    return "".join(f"\\U{first:08x}-\\U{last:08x}" for first, last in ranges)


# Written without spaces: Thai, Lao, Burmese, Khmer, kana, Han.  Each character is a word, and a
# query of several is a phrase.
_UNSPACED = (
    "\u0e01-\u0e2e\u0e2f\u0e30\u0e32\u0e33\u0e40-\u0e46\u0e81-\u0eb0\u0eb2\u0eb3\u0ebd-\u0ec6"
    "\u1000-\u102a\u1780-\u17b3\u3005-\u3007\u3041-\u3096\u309d\u309e\u30a1-\u30fa\u30fc-\u30fe"
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff"
)


@cache  # at the first text: it takes longer than all other imports of this app
def _word() -> re.Pattern[str]:
    marks = _class(lambda char: unicodedata.category(char) in {"Mn", "Mc", "Me"})
    marks += "\u00ad\u200c\u200d"
    signs = _class(lambda char: unicodedata.category(char) == "So")  # emoji, arrows, planets
    return re.compile(
        rf"(?P<owner>(?<=\w)['\u2019]s(?!\w))"  # "the sun's" is the sun
        rf"|(?:[a-z0-9]+[{marks}]*|(?![{_UNSPACED}])[^\W_a-z0-9][{marks}]*)+"
        rf"|[{_UNSPACED}{signs}][{marks}]*",
        re.IGNORECASE,
    )


# Accents of Latin, Greek and Cyrillic, the vowel signs of Hebrew and Arabic, and invisible ones.
_DROPPED = re.compile(
    "[\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670\ufe00-\ufe0f"
    "\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]"
)
# Letters that no decomposition takes apart.
_PLAIN = str.maketrans(
    {
        "ø": "o",
        "ł": "l",
        "đ": "d",
        "ð": "d",
        "ħ": "h",
        "\u0131": "i",
        "þ": "th",
        "æ": "ae",
        "œ": "oe",
    }
)


class Word(NamedTuple):
    """A folded word and where it stands in its text."""

    form: str
    begin: int
    end: int


@lru_cache(REMEMBERED)
def fold(text: str) -> str:
    """Without upper case, accents and compatibility forms: "Straße" is "strasse", "É" is "e"."""
    plain = _DROPPED.sub("", unicodedata.normalize("NFKD", text.casefold())).translate(_PLAIN)
    return unicodedata.normalize("NFKC", plain).casefold()[:WORD_LENGTH]


def words(text: str) -> Iterator[Word]:
    """The words of a text in its order, folded but with their endings."""
    for match in _word().finditer(text):
        if match.lastgroup != "owner" and (form := fold(match.group())):
            yield Word(form, match.start(), match.end())


@lru_cache(REMEMBERED)
def spelled(kind: str, form: str) -> str:
    """A term as the databases keep it: ASCII letters and digits alone.

    z is written zz and any other character by its number, so no two words share a term, and the
    beginning of a word is the beginning of its term.
    """
    if not (form.isascii() and form.isalnum()) or "z" in form:
        form = "".join(_letter(char) for char in form)
    return kind + form


def _letter(char: str) -> str:
    if char == "z":
        return "zz"
    return char if char.isascii() and char.isalnum() else f"zx{ord(char):x}z"


def terms(text: str) -> str:
    """What the index keeps of a text: its stems in order, then each form once, for beginnings."""
    stems: list[str] = []
    seen: set[str] = set()
    length = 0
    for word in words(text):
        pair = (spelled(STEM, stem(word.form)), spelled(FORM, word.form))
        length += sum(len(term) for term in pair if term not in seen)
        if length > TERMS_LENGTH:
            break
        stems.append(pair[0])
        seen.update(pair)
    return " ".join([*stems, *sorted(term for term in seen if term.startswith(FORM))])
