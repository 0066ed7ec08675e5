"""Long conversations: pages that lose nobody, and addresses that find their comment."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

import pagecache
from blog.models import Post
from comments.models import PATH_STEP, Comment
from comments.paging import place
from comments.services import approve_comment, reject_comment, submit_comment

pytestmark = pytest.mark.django_db(transaction=True)

PAGE = 50
ADDRESS = "/posts/on-mirrors/"


def say(post: Post, count: int) -> list[Comment]:
    """So many approved comments in thread order: each third one answers the one before it."""
    rows = Comment.objects.bulk_create(
        Comment(post=post, author_name=f"Reader {n}", body="Yes", body_html="<p>Yes</p>")
        for n in range(count)
    )
    for n, row in enumerate(rows):
        row.path = row.place_below(rows[n - 1] if n % 3 == 1 else None)
        row.status = Comment.Status.APPROVED
    Comment._base_manager.bulk_update(rows, ["path", "status"])
    Post._base_manager.filter(pk=post.pk).update(comment_count=count)
    return rows


def read(address: str) -> tuple[list[int], dict[str, str]]:
    """The comments a page shows, and where its links lead."""
    answer = Client().get(address)
    assert answer.status_code == 200, address
    text = answer.content.decode()
    links = re.findall(r'href="([^"#]*)#conversation">(\w+)', text)
    ids = [int(pk) for pk in re.findall(r'id="comment-(\d+)"', text)]
    return ids, {name: href if href.startswith("/") else ADDRESS + href for href, name in links}


def test_each_way_shows_every_comment_once(write) -> None:
    expected = [row.pk for row in say(write(public=True), 171)]
    seen, step, way = [], ADDRESS, []
    while step:
        way.append(step)
        ids, links = read(step)
        assert len(ids) <= PAGE
        seen, step = seen + ids, links.get("Later")
    assert seen == expected
    assert len(way) == 4
    assert "171 comments" in Client().get(ADDRESS).content.decode()
    for known in reversed(way[:-1]):
        assert read(way.pop())[1]["Earlier"] == known
    assert read(f"{ADDRESS}?comments=last")[0] == expected[-PAGE:]


def test_a_comment_is_found_wherever_it_went(write, rita) -> None:
    rows = say(write(public=True), 171)
    for row in (rows[0], rows[49], rows[50], rows[100], rows[151], rows[170]):
        target = Client().get(row.get_absolute_url()).headers["Location"]
        page, _, anchor = target.partition("#")
        assert anchor == f"comment-{row.pk}"
        assert row.pk in read(page)[0]
        if page != ADDRESS and row.parent is None and len(row.path) > PATH_STEP:
            assert read(page)[0][0] == row.pk - 1, "with what it answers"
    late = rows[60]
    for _ in range(50):  # replies above push it down
        reply = submit_comment(late.post, author=rita, body=f"{_}", parent=rows[0])
        approve_comment(reply, by=None)
    target = Client().get(late.get_absolute_url()).headers["Location"]
    assert late.pk in read(target.partition("#")[0])[0]


@pytest.mark.expects_errors
def test_what_names_no_page_of_the_conversation(write, moss) -> None:
    post, other = write(public=True), write("On lamps", public=True)
    rows, strange = say(post, 120), say(other, 1)
    link = f"{ADDRESS}?comments={rows[60].pk}"
    shown, signed_in = read(link)[0], Client()
    signed_in.force_login(moss)
    for junk in ("0", "x", "07", "1-", "-1", "1-02", "-".join("1" * 21), "9" * 12, "²"):
        for client in (Client(), signed_in):
            answer = client.get(ADDRESS, {"comments": junk})
            assert answer.headers["Location"] == ADDRESS, junk
    beyond = Client().get(ADDRESS, {"comments": strange[0].pk, "reply": rows[0].pk})
    last = f"{ADDRESS}?comments=last&reply={rows[0].pk}"
    assert (beyond.status_code, beyond.headers["Location"]) == (302, last)
    reject_comment(rows[60], by=moss, verdict="spam")
    answer = Client().get(link, follow=True)
    assert answer.redirect_chain == [(link.replace(f"{rows[60].pk}", place(rows[61].path)), 302)]
    ids = [int(pk) for pk in re.findall(r'id="comment-(\d+)"', answer.content.decode())]
    assert ids == [*shown[1:], rows[110].pk], "a page outlives its first comment"
    assert Client().get(rows[60].get_absolute_url()).status_code == 404
    by_id = Client().get(ADDRESS, {"comments": rows[61].pk})
    assert by_id.headers["Location"] == f"{ADDRESS}?comments={rows[60].pk}-{rows[61].pk}"
    pagecache.clear()
    link = by_id.headers["Location"]
    assert read(f"{link}&utm=1")[0] == read(link)[0]


def test_a_page_costs_the_same_wherever_it_is(write, moss) -> None:
    post = write(public=True)
    costs = set()
    for count in (60, 600):
        rows = say(post, count)
        for query in ("", f"?comments={rows[-55].pk}", "?comments=last"):
            client = Client()
            client.force_login(moss)
            client.get(ADDRESS)
            with CaptureQueriesContext(connection) as seen:
                client.get(ADDRESS + query)
            costs.add((query.rstrip("0123456789-"), len(seen)))
    assert len(costs) == 3, "the same number of queries for 60 and 660"


def test_who_answers_what_is_gone_reads_it_above_the_form(write, moss, rita) -> None:
    rows = say(write(public=True), 2)
    client, told = Client(), "The comment you wanted to answer is not shown any more."
    client.force_login(rita)
    answering = {"reply": rows[1].pk}
    assert told not in client.get(ADDRESS).content.decode()
    assert told not in client.get(ADDRESS, answering).content.decode()
    reject_comment(rows[1], by=moss, verdict="trash", seen=Comment.Status.APPROVED)
    assert told in client.get(ADDRESS, answering).content.decode()
    assert told not in Client().get(ADDRESS, answering).content.decode()
