"""Why a page looks as it does: what those who look after the site are told is true."""

import html
import re

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from blog.services import edit_post, publish, unpublish
from blog.why import explain, last_endings, reasons
from pagecache import pages
from signalflow.models import Trace
from signalflow.testing import run_deliveries

pytestmark = pytest.mark.django_db(transaction=True)

PUBLIC = ("/", "/posts/on-mirrors/", "/tags/sun/", "/authors/ada/", "/archive/", "/feed/")


@pytest.fixture
def mirrors(write):
    post = write("On mirrors", tags=["sun"], public=True)
    run_deliveries()
    return post


@pytest.fixture
def operator(olga) -> Client:
    client = Client()
    client.force_login(olga)
    return client


def asked(client: Client, path: str) -> str:
    answer = client.get("/studio/why/", {"path": path})
    assert answer.status_code == 200
    return html.unescape(answer.content.decode())


@pytest.mark.parametrize("path", PUBLIC)
def test_it_names_the_tags_that_the_stored_page_has(mirrors, path) -> None:
    Client().get(path)
    assert sorted(explain(path).tags) == sorted(pages.pages.get(path).tags)


def test_asking_stores_nothing(mirrors, operator) -> None:
    pages.pages.clear()
    assert "is not stored in this web process just now" in asked(operator, "/tags/sun/")
    assert pages.pages.get("/tags/sun/") is None
    Client().get("/tags/sun/")
    assert "has been stored in this web process since" in asked(operator, "/tags/sun/")


def test_each_tag_is_in_words_with_a_link_that_leads_there(mirrors, operator) -> None:
    page = asked(operator, "/posts/on-mirrors/")
    assert "the page of the post: On mirrors" in page
    assert "the name of the tag: sun" in page
    assert "the name of the person: ada" in page
    reader = Client()
    for path in PUBLIC:
        for reason in reasons(explain(path).tags):
            assert reason.words != reason.tag, f"{reason.tag} has no words"
            if reason.address:
                assert reader.get(reason.address).status_code == 200, reason


def test_it_names_the_acts_that_ended_the_page_and_no_other(mirrors, write, ada, operator) -> None:
    other = write("On lenses", public=True)
    run_deliveries()
    edit_post(mirrors, by=ada, version=mirrors.version, title="On old mirrors")
    edited = Trace.objects.latest("created_at")
    unpublish(other, by=ada)
    withdrawn = Trace.objects.latest("created_at")
    endings = [ending.trace for ending in last_endings(explain("/posts/on-mirrors/").tags)]
    assert edited in endings
    newest = last_endings(explain("/archive/").tags)[0].trace
    assert newest == withdrawn
    page = asked(operator, "/posts/on-mirrors/")
    assert f'href="/studio/receipts/{edited.pk}/"' in page
    assert operator.get(f"/studio/receipts/{edited.pk}/").status_code == 200


def test_many_acts_are_looked_through_with_two_queries(mirrors, django_assert_num_queries) -> None:
    tags = explain("/tags/sun/").tags
    assert Trace.objects.count() > 1
    with django_assert_num_queries(2):
        last_endings(tags)


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("/nowhere/", "There is no page at this address."),
        ("javascript:/tags/sun/", "There is no page at this address."),
        ("//evil.example/tags/sun/", "There is no page at this address."),
        ("/?before=999999", "This address leads to another page."),
        ("//[", "There is no page at this address."),
        ("/posts/nothing/", "Visitors find nothing at this address."),
        ("/accounts/login/", "made anew for everybody"),
        ("/admin/", "made anew for everybody"),
    ],
)
def test_what_is_no_page_of_the_public_is_told(mirrors, operator, path, sentence) -> None:
    assert sentence in asked(operator, path)
    with pytest.raises(CommandError, match=re.escape(sentence)):
        call_command("pages", "why", path)


def test_a_draft_is_not_shown_to_be_there(write, operator) -> None:
    write("A secret")
    assert "Visitors find nothing at this address." in asked(operator, "/posts/a-secret/")


def test_the_command_says_the_same(mirrors, ada, capsys) -> None:
    call_command("pages", "why", "/tags/sun/?page=1")
    said = capsys.readouterr().out
    for reason in reasons(explain("/tags/sun/?page=1").tags):
        assert f"{reason.tag}  {reason.words}" in said
    assert "ms to build" in said
    assert "publish" in said.partition("Ended last by:")[2]


def test_the_link_is_on_every_public_page_for_those_who_may_ask(mirrors, operator, ada) -> None:
    author = Client()
    author.force_login(ada)
    for path in ("/", "/posts/on-mirrors/", "/tags/sun/?before=1", "/authors/ada/", "/archive/"):
        address = re.search(
            r'href="(/studio/why/[^"]*)"', operator.get(path, follow=True).content.decode()
        )
        assert address, path
        assert operator.get(html.unescape(address[1])).status_code == 200
        assert "/studio/why/" not in author.get(path, follow=True).content.decode()
        assert "/studio/why/" not in Client().get(path, follow=True).content.decode()
    assert "/studio/why/" not in operator.get("/accounts/settings/").content.decode()


def test_the_page_of_publishing_again_is_told_of_the_first_act_too(mirrors, ada) -> None:
    unpublish(mirrors, by=ada)
    publish(mirrors, by=ada)
    names = [ending.trace.name for ending in last_endings(explain("/posts/on-mirrors/").tags)]
    assert names[0].startswith("publish")
