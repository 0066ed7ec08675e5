"""The wiring as a drawing: senders, signals and receivers in three columns."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from statistics import mean

from signalflow.operating.wiring import Edge

ROW = 22.0  # between two nodes of a column, in the units of the drawing
COLUMNS = (8.0, 190.0, 560.0)  # where senders, signals and receivers begin
WIDTHS = (130.0, 290.0, 430.0)
MARGIN = 40.0
LETTER = 6.6  # the width of one letter, to know where a name must be cut


@dataclass(frozen=True, slots=True)
class Node:
    """One name in a column, `y` its middle."""

    kind: str
    name: str
    x: float
    y: float
    width: float

    @property
    def label(self) -> str:
        """The name as short as it can be told apart: app and last part."""
        app, _, rest = self.name.partition(".")
        short = f"{app} · {rest.rpartition('.')[2]}" if rest else app
        room = int(self.width / LETTER)
        return short if len(short) <= room else f"{short[: room - 1]}…"

    @property
    def text_x(self) -> float:
        return self.x + 6

    @property
    def text_y(self) -> float:
        return self.y + 4

    @property
    def top(self) -> float:
        return self.y - 10

    @property
    def end(self) -> float:
        return self.x + self.width


@dataclass(frozen=True, slots=True)
class Curve:
    """One edge; `style` is a class name, `fired` whether it was seen running."""

    path: str
    style: str
    title: str
    fired: bool


@dataclass(frozen=True, slots=True)
class Drawing:
    """What a template needs to write the SVG."""

    nodes: list[Node]
    curves: list[Curve]
    width: float
    height: float


def draw(edges: Iterable[Edge]) -> Drawing:
    """SpanScope every node so that few lines cross: receivers by signal, the others amid theirs."""
    rows = sorted(edges, key=lambda edge: (edge.signal, edge.receiver, edge.sender))
    receivers = _column(2, "receiver", list(dict.fromkeys(row.receiver for row in rows)))
    signals = _amid(1, "signal", [(row.signal, receivers[row.receiver].y) for row in rows])
    senders = _amid(0, "sender", [(row.sender, signals[row.signal].y) for row in rows])
    curves = {
        **{
            (row.sender, row.signal): _curve(senders[row.sender], signals[row.signal], "sends")
            for row in rows
        },
        **{
            (row.signal, row.receiver): _curve(
                signals[row.signal], receivers[row.receiver], _style(row), fired=row.fired
            )
            for row in rows
        },
    }
    nodes = [*senders.values(), *signals.values(), *receivers.values()]
    height = max((node.y for node in nodes), default=0.0) + ROW
    return Drawing(nodes, list(curves.values()), COLUMNS[2] + WIDTHS[2], height)


def _style(row: Edge) -> str:
    return row.phase.removesuffix(" eager").replace(" ", "-")


def _column(column: int, kind: str, names: Sequence[str]) -> dict[str, Node]:
    return {
        name: Node(kind, name, COLUMNS[column], MARGIN + ROW * number, WIDTHS[column])
        for number, name in enumerate(names)
    }


def _amid(column: int, kind: str, links: Sequence[tuple[str, float]]) -> dict[str, Node]:
    """Nodes at the middle of what they are linked to, moved down until none overlaps."""
    grouped = groupby(sorted(links), key=lambda link: link[0])
    wanted = sorted((mean(y for _, y in group), name) for name, group in grouped)
    placed, lowest = {}, MARGIN
    for middle, name in wanted:
        y = max(middle, lowest)
        placed[name] = Node(kind, name, COLUMNS[column], y, WIDTHS[column])
        lowest = y + ROW
    return placed


def _curve(start: Node, end: Node, style: str, *, fired: int = 0) -> Curve:
    x, to = start.end, end.x
    bend = (to - x) / 2
    points = [(x + bend, start.y), (to - bend, end.y), (to, end.y)]
    path = f"M{x:.0f} {start.y:.1f}C" + " ".join(f"{left:.0f} {top:.1f}" for left, top in points)
    told = f", ran {fired} times lately" if fired else ""
    return Curve(path, style, f"{start.name} → {end.name}{told}", bool(fired))
