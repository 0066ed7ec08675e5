"""What became of a file, item by item."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass(slots=True)
class Line:
    """What became of one item, what a person should know of it, and its images elsewhere."""

    item: str
    outcome: str
    notes: list[str] = field(default_factory=list)
    images: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Report:
    """One line for each item of the file, and counts that add up to them."""

    lines: list[Line] = field(default_factory=list)
    comments: Counter[str] = field(default_factory=Counter)
    authors: list[str] = field(default_factory=list)

    @property
    def outcomes(self) -> Counter[str]:
        return Counter(line.outcome for line in self.lines)

    @property
    def failures(self) -> int:
        """Items and comments that did not come in and should have."""
        return self.outcomes["failed"] + self.comments["failed"]
