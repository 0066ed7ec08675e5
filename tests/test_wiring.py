"""Who hears what, as committed: a change of the wiring shows in a diff."""

from pathlib import Path

from django.core.management import call_command

SNAPSHOT = Path(__file__).parent / "wiring.txt"


def test_the_wiring_is_the_committed_one(capsys) -> None:
    """After a wanted change: `python manage.py signals list > tests/wiring.txt`."""
    call_command("signals", "list")
    assert capsys.readouterr().out == SNAPSHOT.read_text()
