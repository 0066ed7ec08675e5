"""Who answers whom can be read off every page, whatever is hidden, deleted or on another page."""

import re
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given
from hypothesis import settings as trying
from hypothesis import strategies as st

import pagecache
from blog.models import Post
from comments import paging
from comments.models import MAX_DEPTH, Comment
from comments.repairing import repair_comments
from comments.services import approve_comment, reject_comment, submit_comment
from signalflow.testing import run_deliveries

pytestmark = pytest.mark.django_db(transaction=True)

ADDRESS = "/posts/on-mirrors/"


@dataclass
class Item:
    """One place in a thread as a screen reader meets it: `level` lists deep."""

    level: int
    pk: int | None = None  # of a comment, or of one that is named in a line
    is_line: bool = False
    whom: int | str | None = None  # it says to answer this one; "hidden" for one not shown


class Threads(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.level, self.items = -1, list[Item]()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, Any]]) -> None:
        found = dict(attrs)
        if tag == "ol" and found.get("class") == "thread":
            self.level += 1
        elif self.level >= 0 and tag == "article":
            self.items.append(Item(self.level, int(found["id"].removeprefix("comment-"))))
        elif self.level >= 0 and found.get("class") == "comment-line":
            self.items.append(Item(self.level, is_line=True))
        elif self.level >= 0 and tag == "a" and found.get("rel") == "nofollow":
            self._link(re.search(r"\d+", found["href"].replace(ADDRESS, ""))[0])

    def _link(self, pk: str) -> None:
        item = self.items[-1]
        if item.pk is None:
            item.pk = int(pk)
        elif item.pk != int(pk):
            item.whom = int(pk)

    def handle_endtag(self, tag: str) -> None:
        if tag == "ol" and self.level >= 0:
            self.level -= 1

    def handle_data(self, data: str) -> None:
        if "answers a comment that is not shown" in data:
            self.items[-1].whom = "hidden"


def grow(post: Post, parents: list[int], hidden: set[int], deleted: set[int]) -> None:
    """Comments each of which answers an elder one, or none; then some are taken away."""
    Comment.objects.all().delete()
    made: list[Comment] = []
    for number, choice in enumerate(parents):
        parent = made[choice % len(made)] if made and choice < 40 else None
        row = Comment.objects.create(
            post=post, author_name=f"R{number}", body=f"No {number}", parent=parent
        )
        row.path, row.status = row.place_below(parent), Comment.Status.APPROVED
        row.save()
        made.append(row)
    for number, row in enumerate(made):
        if number in deleted:
            row.delete()
        elif number in hidden:
            reject_comment(row, by=None, verdict="spam")


def pages() -> list[list[Item]]:
    """Every page of the conversation, in order."""
    pagecache.clear()
    found, way = [], ADDRESS
    while way:
        text = Client().get(way).content.decode()
        assert len(set(re.findall(r' id="([^"]+)"', text))) == len(re.findall(r' id="', text))
        found.append(Threads(text).items)
        later = re.search(r'href="([^"#]*)#conversation">Later', text)
        way = ADDRESS + later[1] if later else ""
    return found


def check(items: list[Item], rows: dict[int, Comment]) -> None:
    """The nearest item one level higher is what a comment answers, or it says whom it answers."""
    last: dict[int, Item] = {}
    for item in items:
        if item.pk and not item.is_line:
            answers = rows[item.pk].parent_id
            public = answers if answers in rows else None
            above = last.get(item.level - 1)
            if item.whom is not None:
                assert item.whom == (public or "hidden"), item
            elif above is None:
                assert item.level == 0, item
                assert answers is None, item
            elif above.pk is None:
                assert public is None, item
            else:
                assert above.pk == public, (item, above)
        last[item.level] = item


@trying(
    deadline=None,
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    parents=st.lists(st.integers(0, 45), min_size=1, max_size=24),
    hidden=st.sets(st.integers(0, 23), max_size=6),
    deleted=st.sets(st.integers(0, 23), max_size=3),
    chain=st.booleans(),
)
def test_nesting_says_who_answers_whom(
    write: Any, monkeypatch: Any, parents: Any, hidden: Any, deleted: Any, chain: bool
) -> None:
    post = Post.objects.filter(title="On mirrors").first() or write(public=True)
    monkeypatch.setattr(paging, "PER_PAGE", 5)
    if chain:  # mostly answers to the comment before
        parents = [n - 1 if choice % 4 else choice for n, choice in enumerate(parents)]
    grow(post, [choice if choice >= 0 else 45 for choice in parents], hidden, deleted)
    rows = Comment.objects.approved().in_bulk()
    shown = pages()
    for items in shown:
        check(items, rows)
    listed = [item.pk for items in shown for item in items if not item.is_line]
    assert listed == list(Comment.objects.approved().in_thread_order().values_list("pk", flat=True))


def talk(post: Post, author: Any, count: int) -> list[Comment]:
    """So many comments, each of which answers the one before."""
    rows: list[Comment] = []
    for number in range(count):
        parent = rows[-1] if rows else None
        rows.append(submit_comment(post, author=author, body=f"No {number}", parent=parent))
        approve_comment(rows[-1], by=None)
    return rows


def test_where_indentation_ends_each_answer_says_whom(write, rita) -> None:
    rows = talk(write(public=True), rita, MAX_DEPTH + 3)
    (items,) = pages()
    assert [item.level for item in items] == [0, 1, 2] + [3] * MAX_DEPTH
    assert [item.whom for item in items] == [None] * 3 + [row.pk for row in rows[2:-1]]


def test_what_is_not_shown_stands_as_a_line_while_it_is_answered(write, rita) -> None:
    post = write(public=True)
    rows = talk(post, rita, 3)
    reject_comment(rows[1], by=None, verdict="spam")
    text = Client().get(ADDRESS).content.decode()
    assert [item.pk for item in Threads(text).items] == [rows[0].pk, None, rows[2].pk]
    assert "No 1" not in text
    assert str(rows[1].pk) not in re.findall(r"comment-(\d+)|comments/(\d+)", text)
    reject_comment(rows[2], by=None, verdict="trash")
    assert [item.pk for item in pages()[0]] == [rows[0].pk], "a line for nobody"


def test_a_later_page_begins_with_what_it_goes_on_from(write, rita, monkeypatch) -> None:
    monkeypatch.setattr(paging, "PER_PAGE", 2)
    rows = talk(write(public=True), rita, 6)
    shown = pages()
    assert [(item.pk, item.is_line) for item in shown[1]] == [
        (rows[0].pk, True),
        (rows[1].pk, True),
        (rows[2].pk, False),
        (rows[3].pk, False),
    ]
    assert [item.pk for item in shown[2] if item.is_line] == [row.pk for row in rows[:3]]
    assert shown[2][3].whom == rows[3].pk, "it is on the page before"


def test_putting_comments_right_leaves_them_where_they_are(write, rita) -> None:
    first, answer, last = talk(write(public=True), rita, 3)
    first.delete()
    Comment._base_manager.filter(pk=answer.pk).update(body_html="wrong")
    repair_comments([answer.pk])
    pagecache.clear()
    check(pages()[0], Comment.objects.approved().in_bulk())
    assert Comment.objects.get(pk=last.pk).path.startswith(Comment.objects.get(pk=answer.pk).path)


def test_threads_cost_no_more_the_longer_they_are(write, rita) -> None:
    post, costs = write(public=True), set()
    for count in (5, 25):
        rows = talk(post, rita, count)
        for row in rows[:-1:2]:
            reject_comment(row, by=None, verdict="spam")
        run_deliveries()
        pagecache.clear()
        with CaptureQueriesContext(connection) as asked:
            Client().get(ADDRESS)
        costs.add(len(asked))
    assert len(costs) == 1
