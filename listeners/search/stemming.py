"""English endings taken off, so that "polishing" finds "polished".

The algorithm of M. F. Porter, "An algorithm for suffix stripping", Program 14(3), 1980, as
Snowball has it.  It is ours and not the database's: SQLite and PostgreSQL bring different
stemmers, and neither tells which words of a text it matched.
"""

from functools import lru_cache

# Words that a process remembers in each form; web workers meet the words of whatever is searched
# for and found.  Ten times as many took 18 MB more and made indexing a third faster.
REMEMBERED = 5_000

_STEP_2 = {
    "ational": "ate", "tional": "tion", "enci": "ence", "anci": "ance", "izer": "ize",
    "abli": "able", "alli": "al", "entli": "ent", "eli": "e", "ousli": "ous",
    "ization": "ize", "ation": "ate", "ator": "ate", "alism": "al", "iveness": "ive",
    "fulness": "ful", "ousness": "ous", "aliti": "al", "iviti": "ive", "biliti": "ble",
}  # fmt: skip
_STEP_3 = {
    "icate": "ic", "ative": "", "alize": "al", "iciti": "ic", "ical": "ic", "ful": "", "ness": "",
}  # fmt: skip
_STEP_4 = dict.fromkeys(
    ["al", "ance", "ence", "er", "ic", "able", "ible", "ant", "ement", "ment", "ent", "ion", "ou",
     "ism", "ate", "iti", "ous", "ive", "ize"], "",
)  # fmt: skip
_DOUBLED = ("bb", "dd", "ff", "gg", "mm", "nn", "pp", "rr", "tt")


def _shape(text: str) -> str:
    """Each letter as "c" or "v"; a y is a vowel after a consonant."""
    shape = ""
    for letter in text:
        is_vowel = letter in "aeiou" or (letter == "y" and shape.endswith("c"))
        shape += "v" if is_vowel else "c"
    return shape


def _measure(text: str) -> int:
    """Porter's m: how often a vowel is followed by a consonant."""
    return _shape(text).count("vc")


def _is_short(text: str) -> bool:
    """Porter's *o: ends consonant, vowel, consonant, the last of them not w, x or y."""
    return _shape(text).endswith("cvc") and text[-1] not in "wxy"


def _replaced(word: str, endings: dict[str, str], more_than: int) -> str:
    """With its longest ending of these replaced, if what is before it measures enough."""
    for size in range(min(7, len(word)), 1, -1):
        begin, ending = word[:-size], word[-size:]
        if ending in endings:
            fits = ending != "ion" or begin.endswith(("s", "t"))
            return begin + endings[ending] if fits and _measure(begin) > more_than else word
    return word


def _plural(word: str) -> str:
    if word.endswith(("sses", "ies")):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word


def _past(word: str) -> str:
    if word.endswith("eed"):
        return word[:-1] if _measure(word[:-3]) else word
    for ending in ("ed", "ing"):
        rest = word.removesuffix(ending)
        if rest != word:
            return _mended(rest) if "v" in _shape(rest) else word
    return word


def _mended(rest: str) -> str:
    """What an -ed or -ing left, with the e it took or without the letter it doubled."""
    if rest.endswith(("at", "bl", "iz")):
        return rest + "e"
    if rest.endswith(_DOUBLED):
        return rest[:-1]
    return rest + "e" if _measure(rest) == 1 and _is_short(rest) else rest


def _tidied(word: str) -> str:
    """Without a last e, and with one l instead of two, where enough is left."""
    if word.endswith("e"):
        rest = word[:-1]
        if _measure(rest) > 1 or (_measure(rest) == 1 and not _is_short(rest)):
            word = rest
    return word[:-1] if word.endswith("ll") and _measure(word[:-1]) > 1 else word


@lru_cache(REMEMBERED)
def stem(word: str) -> str:
    """The stem of a lower-case word; words of other letters, with digits or short stay."""
    if len(word) < 3 or not (word.isascii() and word.isalpha()):
        return word
    word = _past(_plural(word))
    if word.endswith("y") and "v" in _shape(word[:-1]):
        word = word[:-1] + "i"
    for endings, more_than in ((_STEP_2, 0), (_STEP_3, 0), (_STEP_4, 1)):
        word = _replaced(word, endings, more_than)
    return _tidied(word)
