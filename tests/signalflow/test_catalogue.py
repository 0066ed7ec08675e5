"""The page that lists every signal is what the code says now."""

import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from markdown_it import MarkdownIt

from blog.signals import post_published, publish_requested
from signalflow import AFTER_COMMIT, DomainSignal
from signalflow.operating import catalogue, wiring

PAGE = Path(settings.BASE_DIR) / "docs" / "signals" / "catalogue.md"

declared_here = DomainSignal("Heard by nobody.", value="blog.Post | None", number=int | None)


def test_the_committed_page_is_the_current_one(capsys) -> None:
    call_command("signals", "catalogue")
    assert capsys.readouterr().out == PAGE.read_text(encoding="utf-8"), (
        "the signals have changed: manage.py signals catalogue > docs/signals/catalogue.md"
    )


def test_every_signal_is_there_with_its_whole_docstring() -> None:
    page = catalogue.page()
    for signal in wiring.known_signals():
        assert f"\n### `{wiring.signal_name(signal).rpartition('.')[2]}`\n" in page
    for line in str(post_published.__doc__).splitlines():
        assert line.strip() in page
    assert "A question, sent before the transaction with `post`." in page, "a plain signal's too"
    assert "`accounts.User \\| None`" in page


def test_who_hears_it_is_told_with_phase_key_and_tries(hear, monkeypatch) -> None:
    def warm_up(number: int, **kwargs: object) -> None:
        """Light a fire.

        With a glass.
        """

    monkeypatch.setitem(sys.modules, "blog.fires", sys)
    warm_up.__module__ = "blog.fires"
    hear(declared_here, warm_up, when=AFTER_COMMIT, key="number", uid="t.warm")
    (ear,) = catalogue.ears(declared_here)
    assert ear == ("`t.warm`", "", "after commit", "`number`", "", "Light a fire.")
    names = [ear.receiver for ear in catalogue.ears(publish_requested)]
    assert "`blog.receivers.refuse_empty_post`" in names
    hear(declared_here, lambda **kwargs: None, uid="t.stranger")
    assert len(catalogue.ears(declared_here)) == 1, "tests are no app"


@pytest.mark.parametrize("page", sorted(PAGE.parent.glob("*.md")), ids=lambda path: path.stem)
def test_its_tables_are_tables(page: Path) -> None:
    """A broken table would be shown as lines with bars in them."""
    tokens = MarkdownIt("commonmark").enable("table").parse(page.read_text(encoding="utf-8"))
    paragraphs = [token.content for token in tokens if token.type == "inline"]
    assert not [text for text in paragraphs if text.startswith("| ")]
    links = [
        str(child.attrs["href"])
        for token in tokens
        for child in token.children or []
        if child.type == "link_open"
    ]
    for link in links:
        if "://" not in link:
            assert (page.parent / link.partition("#")[0]).exists()
