"""docs/signals/traps.md, written from the code that runs."""

from collections.abc import Iterator

from lab.catalogue import Side, Told, Trap
from lab.traps import GROUPS, TOLD

HEAD = """# The traps, each beside the right form

Written by `manage.py lab_traps > docs/signals/traps.md` from the code in `lab/traps/`; a change \
there is a change here.

Every form below is run by `tests/lab/test_traps.py`, and on the page `/studio/lab/` by whoever \
presses the button. Each runs in a transaction that is always rolled back. `commit()` stands in \
for the commit that therefore never comes: it runs the callbacks that wait for one, in order, as \
Django would.
"""

TOLD_HEAD = """## What one transaction cannot show

These need real commits, several transactions or processes. The tests named here execute them.
"""


def document() -> str:
    """The whole page as Markdown."""
    parts = [HEAD]
    for group in GROUPS:
        parts.append(f"## {group.title}\n")
        for trap in group.traps:
            parts.extend(_trap(trap))
    parts.append(TOLD_HEAD)
    for told in TOLD:
        parts.extend(_told(told))
    return "\n".join(parts)


def _trap(trap: Trap) -> Iterator[str]:
    yield f"### {trap.title}\n"
    yield f"{trap.says}{_numbers(trap.behaviours)}\n"
    yield f"*{trap.asked}*\n"
    yield _side("Naive", trap.naive)
    yield _side("Ours", trap.ours)


def _side(name: str, side: Side) -> str:
    return f"{name}: `{side.shown}`\n\n```python\n{side.source}\n```\n"


def _told(told: Told) -> Iterator[str]:
    yield f"### {told.title}\n"
    yield f"Naive: {told.naive}{_numbers(told.behaviours)}\n"
    yield f"Ours: {told.ours}\n"
    yield f"Executed by `{told.test}`.\n"


def _numbers(behaviours: tuple[int, ...]) -> str:
    return f" (Behaviour {', '.join(map(str, behaviours))}.)" if behaviours else ""
