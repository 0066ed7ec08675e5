"""Effects in words that need no programmer: each app says what its notes mean.

>>> phrase("mails queued", one="1 reader will be told", many="{count} readers will be told")
>>> sentence("mails queued", {"count": 42})
'42 readers will be told'
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from signalflow.trees import Tree, spans

_phrases: dict[str, tuple[str, str]] = {}


def phrase(kind: str, *, one: str = "", many: str) -> None:
    """Say what a note of this kind means; `one` is for a `count` of 1.

    Both may name the data of the note in braces.
    """
    _phrases[kind] = (one or many, many)


def sentence(kind: str, data: dict[str, Any]) -> str:
    """A note in words, "" for a kind that only developers care about."""
    if kind not in _phrases:
        return ""
    one, many = _phrases[kind]
    shown = {name: ", ".join(v) if isinstance(v, list) else v for name, v in data.items()}
    return (one if data.get("count") == 1 else many).format(**shown)


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
    def is_open(self) -> bool:
        return self.outcome in {"pending", "running", "queued", "later"}


def effects(tree: Tree) -> Iterator[Effect]:
    """The effects in a tree that mean something to people, and all that failed or still wait."""
    for span in spans(tree):
        if span["kind"] != "receiver":
            continue
        told = tuple(filter(None, (sentence(*note) for note in span.get("notes", []))))
        effect = Effect(
            told or (_title(span["name"]),),
            span["name"],
            span.get("outcome", "done"),
            span.get("took", 0),
            span.get("data", {}).get("delivery"),
            span.get("error", ""),
        )
        if (
            told
            or effect.is_open
            or effect.outcome not in {"done", "coalesced", "skipped", "waiting"}
        ):
            yield effect


def _title(uid: str) -> str:
    """A receiver's name as words: `search.receivers.index_saved_post` → "Index saved post"."""
    return uid.rpartition(".")[2].replace("_", " ").capitalize()
