"""Effects in words that need no programmer: each app says what its notes mean.

>>> phrase("mails queued", "{count} readers will be told", one="1 reader will be told")
>>> sentence("mails queued", {"count": 42})
'42 readers will be told'
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from signalflow.operating.trees import Tree

Words = str | Callable[[dict[str, Any]], str]
_phrases: dict[str, dict[str, Words]] = {}


def phrase(kind: str, many: Words, *, one: Words = "", none: Words = "") -> None:
    """Say what a note of this kind means; `one` and `none` are for a `count` of 1 and of 0.

    Each names the note's data in braces, or is a function of them.
    """
    _phrases[kind] = {"many": many, "one": one or many, "none": none or many}


def sentence(kind: str, data: dict[str, Any]) -> str:
    """A note in words, "" for a kind that only developers care about."""
    if kind not in _phrases:
        return ""
    count = data.get("count")
    words = _phrases[kind]["one" if count == 1 else "none" if count == 0 else "many"]
    if callable(words):
        return words(data)
    shown = {name: ", ".join(v) if isinstance(v, list) else v for name, v in data.items()}
    return words.format(**shown)


def milliseconds(microseconds: int) -> str:
    """A time as people read it, "0.4 ms"."""
    value = microseconds / 1000
    return f"{value:.1f} ms" if value < 10 else f"{value:,.0f} ms"


@dataclass(frozen=True, slots=True)
class Effect:
    """What one receiver did, or would do."""

    sentences: tuple[str, ...]
    receiver: str
    outcome: str
    took: int
    delivery: int | None
    error: str

    @property
    def needs_a_person(self) -> bool:
        return self.outcome in {"failed", "orphaned"}

    @property
    def milliseconds(self) -> str:
        return milliseconds(self.took)

    @property
    def is_open(self) -> bool:
        return self.outcome in {"pending", "running", "queued", "later"}


@dataclass(frozen=True, slots=True)
class Chapter:
    """The effects of one act, or of several acts on one thing."""

    target: str
    effects: list[Effect]


def effects(tree: Tree) -> list[Effect]:
    """The effects in a tree that mean something to people, and all that failed or still wait."""
    return [effect for _, effect in _told(tree)]


def chapters(tree: Tree) -> list[Chapter]:
    """The same by what was acted upon ("blog.post:12"), for acts on several things."""
    told = list(_told(tree))
    targets = {target for target, _ in told if target}
    alone = targets.pop() if len(targets) == 1 else ""
    found: dict[str, list[Effect]] = {}
    for target, effect in told:
        found.setdefault(target or alone, []).append(effect)
    return [Chapter(target, listed) for target, listed in found.items()]


def _told(tree: Tree) -> Iterator[tuple[str, Effect]]:
    """Each effect with its target.  What was said once more later on is left out: whoever reads
    wants to know how many posts the tag has now."""
    aimed = [(target, span) for target, span in _aimed(tree, "") if span["kind"] == "receiver"]
    last = {_subject(note): span for _, span in aimed if _went_well(span) for note in _notes(span)}
    for target, span in aimed:
        notes = _notes(span)
        fresh = [n for n in notes if not _went_well(span) or last.get(_subject(n)) is span]
        if fresh or not (notes or _went_well(span)):
            yield target, _effect(span, [sentence(*note) for note in fresh])


def _aimed(span: Tree, target: str) -> Iterator[tuple[str, Tree]]:
    target = span.get("data", {}).get("target", target) if span["kind"] == "act" else target
    yield target, span
    for child in span.get("children", []):
        yield from _aimed(child, target)


def _notes(span: Tree) -> list[Any]:
    return [note for note in span.get("notes", []) if sentence(*note)]


def _subject(note: Any) -> str:
    kind, data = note
    return f"{kind} {sorted((name, str(v)) for name, v in data.items() if name != 'count')}"


def _went_well(span: Tree) -> bool:
    return span.get("outcome", "done") in {"done", "coalesced", "skipped", "waiting"}


def _effect(span: Tree, sentences: list[str]) -> Effect:
    return Effect(
        tuple(dict.fromkeys(sentences)) or (_title(span["name"]),),
        span["name"],
        span.get("outcome", "done"),
        span.get("took", 0),
        span.get("data", {}).get("delivery"),
        span.get("error", ""),
    )


def _title(uid: str) -> str:
    """A receiver's name as words: `search.receivers.index_saved_post` → "Index saved post"."""
    return uid.rpartition(".")[2].replace("_", " ").capitalize()
