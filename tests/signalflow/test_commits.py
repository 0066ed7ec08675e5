"""What runs after a commit comes too late to fail the act, or what runs beside it."""

import ast
from functools import partial
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import Group
from django.db import OperationalError, transaction

from signalflow import DURABLE, DomainSignal, action
from signalflow.commits import after_commit
from signalflow.models import Delivery, Trace
from signalflow.operating import trees
from signalflow.testing import assert_nothing_left, run_deliveries

happened = DomainSignal("Something happened.", what=str)

pytestmark = pytest.mark.django_db(transaction=True)

ROOT = Path(settings.BASE_DIR)
# Where it may be called: the one way, and the traps that show what is wrong with it.
# The other engine knows nothing of this one: its hooks are robust, or never raise.
ALLOWED = {
    "signalflow/commits.py",
    "lab/traps/commits.py",
    "pagecache/invalidation.py",
    "pagecache/statements.py",
}


class Failing:
    def __call__(self) -> None:
        raise OperationalError("database is locked")

    def method(self) -> None:
        self()


FAILING = [
    Failing(),
    Failing().method,
    partial(Failing()),
    partial(partial(Failing().method)),
    lambda: Failing()(),
]


@pytest.mark.parametrize("failing", FAILING, ids=range(len(FAILING)))
def test_whatever_fails_the_caller_and_the_others_go_on(failing, logged_errors) -> None:
    seen = []
    with action("try"), transaction.atomic():
        Group.objects.create(name="keepers")
        after_commit(partial(seen.append, "before"))
        after_commit(failing)
        after_commit(partial(seen.append, "behind"))
    assert seen == ["before", "behind"]
    assert Group.objects.filter(name="keepers").exists()
    assert [record.getMessage() for record in logged_errors] != []
    assert all("failed after the commit" in record.getMessage() for record in logged_errors)
    logged_errors.clear()


def test_outside_a_transaction_it_runs_at_once(logged_errors) -> None:
    seen = []
    after_commit(lambda: seen.append(1))
    after_commit(Failing())
    assert seen == [1]
    logged_errors.clear()


def test_the_trace_tells_of_it(hear, logged_errors) -> None:
    hear(happened, lambda **kwargs: after_commit(Failing()))
    with action("try"), transaction.atomic():
        happened.send(sender=None, what="")
    logged_errors.clear()
    told = "\n".join(trees.lines(trees.joined(Trace.objects.get())))
    assert "failed after the commit" in told
    assert "error=OperationalError" in told


def says(seen: list[str], name: str):
    def listen(**kwargs: object) -> None:
        seen.append(name)

    return listen


def test_a_claim_that_fails_is_made_good_by_a_worker(hear, monkeypatch, logged_errors) -> None:
    """ "database is locked" when the delivery is claimed: the act has succeeded all the same."""
    seen: list[str] = []
    real, locked = Delivery.objects.due, [True]

    def due(now):
        if locked:
            locked.pop()
            raise OperationalError("database is locked")
        return real(now)

    for name in ("first", "second"):
        hear(happened, says(seen, name), when=DURABLE, eager=True)
    monkeypatch.setattr("signalflow.deliveries.Delivery.objects.due", due)
    with transaction.atomic():
        happened.send(sender=None, what="")
    assert seen == ["second"], "its neighbour was tried at once"
    assert logged_errors
    logged_errors.clear()
    run_deliveries()
    assert seen == ["second", "first"]
    assert_nothing_left()


def _calls_of_on_commit(tree: ast.AST) -> list[int]:
    return [
        node.lineno
        for node in ast.walk(tree)
        if (isinstance(node, ast.Attribute) and node.attr == "on_commit")
        or (isinstance(node, ast.ImportFrom) and any(a.name == "on_commit" for a in node.names))
    ]


def test_nobody_goes_another_way() -> None:
    """Django's `on_commit` passes errors on, or loses what waits behind: `after_commit` is ours."""
    folders = [path for path in ROOT.iterdir() if (path / "__init__.py").exists()]
    modules = {
        str(module.relative_to(ROOT)): module
        for folder in folders
        if folder.name != "tests"
        for module in folder.rglob("*.py")
    }
    assert {*ALLOWED, "blog/counting.py"} <= modules.keys()
    found = {
        name: lines
        for name, module in modules.items()
        if name not in ALLOWED
        and (lines := _calls_of_on_commit(ast.parse(module.read_text(encoding="utf-8"))))
    }
    assert found == {}
