"""Real export files, kept outside the project; skipped where they are not."""

from collections import Counter
from pathlib import Path

import pytest
from django.core.management import call_command

from accounts.models import User
from blog.models import Post
from comments.models import Comment
from listeners.notifications.models import Message
from signalflow.testing import run_deliveries
from transfer.wordpress.importing import import_file

FILES = Path(__file__).resolve().parents[3] / "shared" / "data" / "wxr"

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not FILES.is_dir(), reason="the WXR test data is not beside the project"),
]

THEME = FILES / "theme-unit-test-data.xml"
SMALL = FILES / "small-export.xml"


def states() -> Counter[str]:
    return Counter(Post.objects.values_list("status", flat=True))


def test_the_theme_test_blog_is_accounted_for_item_by_item(mailoutbox, capsys) -> None:
    report = import_file(THEME)
    assert len(report.lines) == 186
    assert report.outcomes == {"imported": 79, "left out": 107}
    kinds = Counter(line.item.split()[0] for line in report.lines if line.outcome == "left out")
    assert kinds == {"nav_menu_item": 70, "attachment": 37}
    # 55 public, one draft, one in the future, one behind a password; 21 pages.
    assert states() == {"published": 55, "draft": 1, "scheduled": 1, "private": 1, "withdrawn": 21}
    assert report.comments == {"imported": 29, "left out": 4}
    assert Counter(Comment.objects.values_list("status", flat=True)) == {
        "approved": 26,
        "pending": 3,
    }
    assert sorted(report.authors) == ["themedemos", "themereviewteam"]
    run_deliveries()
    assert mailoutbox == []
    assert not Message.objects.exists()
    told = {line.item.split()[1]: "; ".join(line.notes) for line in report.lines}
    assert told["1168"] == "was behind a password: private here"
    assert told["555"] == "23 images stay at their old address", "its gallery"
    assert told["1730"].startswith("an embedded audio became a link")
    call_command("reconcile", "--check")
    assert "0 differences" in capsys.readouterr().out


def test_a_second_run_adds_nothing(mailoutbox) -> None:
    for file, count in ((THEME, 186), (SMALL, 11)):
        first = import_file(file)
        rows = Post.objects.count(), Comment.objects.count(), User.objects.count()
        again = import_file(file)
        assert (Post.objects.count(), Comment.objects.count(), User.objects.count()) == rows
        assert len(again.lines) == count
        assert again.outcomes["already here"] == first.outcomes["imported"]
        assert again.outcomes["left out"] == first.outcomes["left out"]
        assert again.comments["already here"] == first.comments["imported"]
        assert not again.authors
    assert mailoutbox == []


def test_the_small_blog_keeps_its_states() -> None:
    report = import_file(SMALL)
    assert report.outcomes == {"imported": 11}
    assert states() == {"published": 5, "private": 1, "withdrawn": 5}


def test_what_was_hidden_stays_hidden(client) -> None:
    import_file(THEME)
    run_deliveries()
    hidden = Post.objects.exclude(status="published")
    markers = [post.title for post in hidden.filter(status__in=["draft", "scheduled", "private"])]
    surfaces = ["/", "/?page=2", "/archive/", "/tags/", "/authors/", "/feed/", "/sitemap.xml"]
    for path in surfaces:
        content = client.get(path).content.decode()
        assert not [title for title in markers if title in content], path


def test_the_others_come_in_as_well() -> None:
    for file in sorted(FILES.glob("*.xml")):
        report = import_file(file)
        assert report.outcomes["failed"] == 0, [line for line in report.lines if line.notes]
