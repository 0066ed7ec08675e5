"""Reading the demo posts: a few lines of `name: value`, an empty line, and Markdown."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Story:
    """One demo post; `days` is its age."""

    title: str
    author: str
    days: int
    tags: tuple[str, ...]
    summary: str
    body: str
    state: str
    featured: bool


def stories() -> Iterator[Story]:
    """All of them, the newest first."""
    for file in sorted(FOLDER.glob("*.md")):
        head, _, body = file.read_text(encoding="utf-8").partition("\n\n")
        fields = dict(line.split(": ", 1) for line in head.splitlines())
        yield Story(
            title=fields["title"],
            author=fields["author"],
            days=int(fields["days"]),
            tags=tuple(fields["tags"].split(", ")),
            summary=fields["summary"],
            body=body,
            state=fields.get("state", "published"),
            featured=fields.get("featured") == "yes",
        )
