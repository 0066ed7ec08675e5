"""A trace as people read it: its own tree, with the trees of its deliveries hung in."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.db.models import Q, QuerySet

from signalflow.models import Delivery, Trace

Tree = dict[str, Any]


def with_errors() -> QuerySet[Trace]:
    """Acts with a failure of their own, or with a delivery that failed at least once."""
    failing = Delivery.objects.exclude(error="").exclude(state=Delivery.State.SKIPPED)
    return Trace.objects.filter(
        Q(errors__gt=0) | Q(pk__in=failing.exclude(trace="").values("trace"))
    )


def joined(trace: Trace) -> Tree:
    """The tree as it has grown so far: each delivery in its present state, where it was sent."""
    return next(joined_trees([trace]))


def joined_trees(traces: Iterable[Trace]) -> Iterator[Tree]:
    """`joined` for several traces, in their order, with one query."""
    traces = list(traces)
    deliveries = Delivery.objects.filter(trace__in=[trace.pk for trace in traces])
    found = {row.pk: row for row in deliveries}
    return (_join(trace.tree, found) for trace in traces)


def _join(span: Tree, deliveries: dict[int, Delivery]) -> Tree:
    children = [_join(child, deliveries) for child in span.get("children", [])]
    row = deliveries.get(span.get("data", {}).get("delivery", 0))
    if row is None or _went_well_at_once(row):
        return {**span, "children": children}
    report = row.report or {}
    return {
        **span,
        "outcome": row.state,
        "error": row.error,
        "attempts": row.attempts,
        "took": report.get("took", 0),
        "queries": report.get("queries", 0),
        "notes": report.get("notes", []),
        "children": [_join(child, deliveries) for child in report.get("children", [])],
    }


def _went_well_at_once(row: Delivery) -> bool:
    """A backstop that nobody needed: what happened is told by the span itself."""
    return row.state == Delivery.State.DONE and not row.attempts


def spans(tree: Tree) -> Iterator[Tree]:
    """Every span of a tree, parents first."""
    yield tree
    for child in tree.get("children", []):
        yield from spans(child)


def about(tree: Tree, target: str) -> Tree:
    """Of a tree, only the acts on one target; what others did beside them is left out."""
    acts = [span for span in spans(tree) if span.get("data", {}).get("target") == target]
    outermost = [act for act in acts if not any(act in list(spans(o))[1:] for o in acts)]
    return {**tree, "children": outermost, "notes": []}


def lines(tree: Tree, depth: int = 0) -> Iterator[str]:
    """The tree as indented text."""
    notes = "".join(f"  [{kind} {_values(data)}]" for kind, data in tree.get("notes", []))
    phase = f" ({tree['phase']})" if tree.get("phase") else ""
    queries = f", {tree['queries']} queries" if tree.get("queries") else ""
    error = f"  {tree['error']}" if tree.get("error") else ""
    yield (
        f"{'  ' * depth}{tree['name']}{phase}: {tree.get('outcome', 'done')}, "
        f"{tree.get('took', 0)} µs{queries}{notes}{error}"
    )
    for child in tree.get("children", []):
        yield from lines(child, depth + 1)


def _values(data: dict[str, Any]) -> str:
    return " ".join(f"{name}={value}" for name, value in data.items())
