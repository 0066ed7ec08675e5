"""The ids that headings of a text leave to the page around it.

A heading has its words as its id, so that links to it last.  What the page itself calls by an id
(parts to jump to, labels of fields, comments) must stay where it is: a heading of such a name gets
another one.  A test reads the templates and holds this list complete.
"""

import re

_NAMES = {
    *("content", "menu", "conversation", "reply", "known-tags", "search-hint", "traces"),
    *("acts-title", "add-title", "conversation-title", "current-title", "health-title"),
    *("log-title", "preview-title", "related-title", "replay-title", "told-title"),
    "wiring-title",
}
_KINDS = re.compile(r"(?:comment|file|group)-.*|(?:div_|hint_|error_\d+_)?id_.*|fn(?:ref)?\d.*")


def is_ours(name: str) -> bool:
    """Whether a page may have an element of this id that no text made."""
    return name in _NAMES or _KINDS.fullmatch(name) is not None
