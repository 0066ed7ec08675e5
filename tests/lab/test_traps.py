"""Each trap: the naive form fails exactly as described, ours holds, and nothing is left behind."""

from pathlib import Path

import pytest

from lab.traps import GROUPS, TOLD, find, traps

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("trap", traps(), ids=lambda trap: trap.slug)
def test_naive_fails_as_described_and_ours_holds(trap) -> None:
    naive, ours = trap.run()
    assert (naive.seen.error, naive.seen.value) == ("", trap.naive.expected)
    assert (ours.seen.error, ours.seen.value) == ("", trap.ours.expected)
    assert trap.naive.expected != trap.ours.expected
    assert naive.verdict == "The naive form failed as described."
    assert ours.verdict == "Ours held."


@pytest.mark.parametrize("trap", traps(), ids=lambda trap: trap.slug)
def test_a_developers_machine_shows_the_same(trap, settings) -> None:
    """With DEBUG Django looks at receivers, and remembers them."""
    settings.DEBUG = True
    for _ in range(2):
        assert [outcome.as_described for outcome in trap.run()] == [True, True]


@pytest.mark.parametrize("trap", traps(), ids=lambda trap: trap.slug)
def test_the_code_is_short_enough_to_be_read(trap) -> None:
    for side in trap.sides:
        lines = [line for line in side.source.splitlines()[1:] if line.strip()]
        assert len(lines) <= 15, side.source


def test_every_trap_has_a_name_of_its_own() -> None:
    assert len({trap.slug for trap in traps()}) == len(traps())
    assert all(find(trap.slug) is trap for group in GROUPS for trap in group.traps)


@pytest.mark.parametrize("told", TOLD, ids=lambda told: told.test)
def test_what_is_only_told_is_executed_elsewhere(told) -> None:
    file, name = told.test.split("::")
    assert f"def {name}(" in (ROOT / file).read_text()
