"""Whoever sends a comment is led to it, and sees what became of it; nobody else does."""

import re
import uuid

import pytest
from django.test import Client

from blog.models import Post
from comments import paging
from comments.models import Comment
from comments.services import approve_comment, reject_comment, submit_comment
from tests.cast import person
from tests.comments.test_paging import say

pytestmark = pytest.mark.django_db(transaction=True)

ADDRESS = "/posts/on-mirrors/"
WAITS = "waits for a moderator; only you see it"


def client_of(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def post(write) -> Post:
    return write("On mirrors", public=True)


def send(client: Client, body: str, **fields: object) -> str:
    """Send a comment; the address that its writer is led to."""
    answer = client.post(f"{ADDRESS}comments/", {"body": body, **fields})
    assert answer.status_code == 302
    return answer.headers["Location"]


def article(client: Client, address: str) -> str:
    """What stands at the fragment of an address, on the page it names."""
    page, _, anchor = address.partition("#")
    text = client.get(page).content.decode()
    found = re.search(rf'<article [^>]*id="{anchor}">(.*?)</article>', text, re.DOTALL)
    return found[1] if found else ""


@pytest.mark.parametrize("answers", [None, 0, 30, 49, 50, 51, 98, 99, 119])
def test_the_writer_is_led_to_their_comment(post, rita, answers) -> None:
    """In its place: below what it answers, on whichever page of the conversation that is."""
    rows, reader = say(post, 120), client_of(rita)
    parent = {} if answers is None else {"parent": rows[answers].pk}
    for _ in range(2):
        address = send(reader, f"Bright indeed {_}", **parent)
        shown = article(reader, address)
        assert f"Bright indeed {_}" in shown
        assert WAITS in shown
        assert article(Client(), address) == ""
        assert article(client_of(person(f"other{_}")), address) == ""
    comment = Comment.objects.latest("pk")
    approve_comment(comment, by=None)
    shown = article(reader, comment.get_absolute_url() and address)
    assert "Bright indeed 1" in shown or article(reader, paging.place_of(comment))
    assert WAITS not in shown


def test_what_a_moderator_took_away_is_gone_for_its_writer(post, rita) -> None:
    reader = client_of(rita)
    address = send(reader, "Cheap lamps")
    reject_comment(Comment.objects.get(), by=None, verdict="spam")
    assert article(reader, address) == ""


def test_a_form_sent_again_leads_to_what_became_of_it(post, rita) -> None:
    reader, token = client_of(rita), uuid.uuid4()
    address = send(reader, "Bright", submission=token)
    assert send(reader, "Bright", submission=token) == address
    reject_comment(Comment.objects.get(), by=None, verdict="trash")
    assert send(reader, "Bright", submission=token) == f"{ADDRESS}#conversation"
    assert "has decided not to show this comment" in reader.get(ADDRESS).content.decode()


def test_waiting_comments_change_nobody_elses_page(post, rita) -> None:
    say(post, 60)
    reader = client_of(rita)
    before = [Client().get(ADDRESS).content, Client().get(f"{ADDRESS}?comments=last").content]
    for n in range(3):
        send(reader, f"Words {n}")
    assert "Words 2" in reader.get(f"{ADDRESS}?comments=last").content.decode()
    assert "Words 2" not in reader.get(ADDRESS).content.decode()
    after = [Client().get(ADDRESS).content, Client().get(f"{ADDRESS}?comments=last").content]
    assert after == before


@pytest.mark.parametrize("state", ["pending", "spam", "deleted", "elsewhere", "none", "junk"])
def test_an_answer_to_nothing_keeps_its_words_and_can_be_sent(post, write, rita, state) -> None:
    """And it is not said whether what it names is hidden, or never was."""
    other = write("Other", public=True) if state == "elsewhere" else post
    parent = submit_comment(other, author=person("asker"), body="A question")
    named: object = parent.pk
    if state in {"spam", "deleted"}:
        approve_comment(parent, by=None)
        reject_comment(parent, by=None, verdict="spam")
    if state == "deleted":
        parent.delete()
    if state in {"none", "junk"}:
        named = {"none": 10**6, "junk": "1 OR 1=1"}[state]
    reader = client_of(rita)
    answer = reader.post(f"{ADDRESS}comments/", {"body": "My words", "parent": named})
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "The comment you answer is not there any more." in text
    assert "My words" in text
    assert "A question" not in text
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)"(?: value="([^"]*)")?', text))
    assert fields["parent"] == ""
    assert article(reader, send(reader, "My words"))


def test_a_refusal_says_whom_the_words_answer(post, rita) -> None:
    parent = submit_comment(post, author=person("asker"), body="Is it *bright*?")
    approve_comment(parent, by=None)
    answer = client_of(rita).post(f"{ADDRESS}comments/", {"body": "", "parent": parent.pk})
    text = answer.content.decode()
    assert answer.status_code == 422
    assert re.search(rf'name="parent" value="{parent.pk}"', text)
    assert "You answer" in text
    assert "Is it bright?" in text


@pytest.mark.parametrize("token", ["junk", "\0", "x" * 9999, "{}"])
def test_a_token_that_is_none_does_not_stop_a_comment(post, rita, token) -> None:
    reader = client_of(rita)
    assert article(reader, send(reader, "Bright", submission=token))


def test_who_has_to_sign_in_comes_back_to_the_page_they_read(post) -> None:
    rows = say(post, 60)
    text = Client().get(f"{ADDRESS}?comments={rows[51].pk}&utm=1").content.decode()
    (way,) = re.findall(r'href="[^"]*\?next=([^"]*)">Sign in</a> to write', text)
    assert way == f"{ADDRESS}%3Fcomments%3D{rows[51].pk}%23reply"
