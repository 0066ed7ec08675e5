"""The handbook page is what the lab says, word for word."""

from pathlib import Path

from django.core.management import call_command

PAGE = Path(__file__).resolve().parents[2] / "docs" / "signals" / "traps.md"


def test_the_committed_page_is_the_present_one(capsys) -> None:
    """After a wanted change: `python manage.py lab_traps > docs/signals/traps.md`."""
    call_command("lab_traps")
    assert capsys.readouterr().out == PAGE.read_text()
