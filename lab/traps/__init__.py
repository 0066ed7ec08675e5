"""Every trap of the lab, grouped in the order one meets them."""

from lab.catalogue import Group, Trap
from lab.traps.commits import COMMITS
from lab.traps.connections import CONNECTIONS
from lab.traps.fields import FIELDS
from lab.traps.links import LINKS
from lab.traps.meanings import MEANINGS
from lab.traps.muting import MUTING
from lab.traps.registration import REGISTRATION
from lab.traps.silence import SILENCE
from lab.traps.told import TOLD
from lab.traps.transactions import TRANSACTIONS

__all__ = ["GROUPS", "TOLD", "find", "traps"]

GROUPS: tuple[Group, ...] = (
    TRANSACTIONS,
    COMMITS,
    MEANINGS,
    LINKS,
    FIELDS,
    SILENCE,
    REGISTRATION,
    CONNECTIONS,
    MUTING,
)


def traps() -> list[Trap]:
    """All of them in order."""
    return [trap for group in GROUPS for trap in group.traps]


def find(slug: str) -> Trap | None:
    """The trap of this name, if there is one."""
    return next((trap for trap in traps() if trap.slug == slug), None)
