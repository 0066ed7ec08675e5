"""The page: who may see it, what a button does, and what it says when something goes wrong."""

from dataclasses import replace

import pytest

from lab import stage, views
from lab.catalogue import Side
from lab.models import Label, Mirror
from lab.templatetags.words import with_code
from lab.traps import TOLD, traps
from tests.cast import person
from tests.site import Site

pytestmark = pytest.mark.django_db(transaction=True)
LAB = "/studio/lab/"


@pytest.fixture
def learner(client, moss):
    client.force_login(moss)
    return client


def test_looking_runs_nothing(learner, monkeypatch) -> None:
    monkeypatch.setattr("lab.catalogue.perform", lambda form: pytest.fail("GET must not run"))
    page = learner.get(LAB).content.decode()
    for trap in traps():
        assert trap.slug in page
    for told in TOLD:
        assert told.test in page
    assert "Happened" not in page


def test_the_code_that_runs_is_the_code_that_is_shown(learner) -> None:
    page = learner.get(LAB).content.decode()
    assert page.count('<pre class="code"') == 2 * len(traps())
    assert '<span class="nf">make_the_same_again</span>' in page


def test_sentences_keep_their_code(learner) -> None:
    page = learner.get(LAB).content.decode()
    assert "`" not in page
    assert "<code>delete()</code> takes the key off" in page
    assert with_code("`a < b` & <c>") == "<code>a &lt; b</code> &amp; &lt;c&gt;"


def test_one_button_runs_one_trap(learner) -> None:
    trap = traps()[0]
    page = learner.post(LAB, {"trap": trap.slug}).content.decode()
    assert page.count("<dt>Happened</dt>") == 2
    assert "The naive form failed as described, and ours held." in page
    assert page.count("<details") - page.count("open>") == len(traps()) + len(TOLD) - 1
    assert (Mirror.objects.count(), Label.objects.count()) == (0, 0)


def test_another_button_runs_them_all(learner) -> None:
    page = learner.post(LAB).content.decode()
    assert f"{len(traps())} traps ran: every naive form failed as described" in page
    assert page.count("<dt>Happened</dt>") == 2 * len(traps())


@pytest.mark.expects_errors
def test_an_unknown_trap_is_not_found(learner) -> None:
    assert learner.post(LAB, {"trap": "no such"}).status_code == 404


def test_a_form_that_breaks_is_told_in_a_sentence(learner, monkeypatch) -> None:
    def broken() -> None:
        Mirror.objects.create(name="left?")
        raise LookupError("the <shelf> is empty")

    trap = replace(traps()[0], naive=Side("naive", broken, []))
    monkeypatch.setattr(views, "find", lambda slug: trap)
    monkeypatch.setattr(views, "GROUPS", (replace(views.GROUPS[0], traps=(trap,)),))
    page = learner.post(LAB, {"trap": trap.slug}).content.decode()
    assert "It ended with LookupError: the &lt;shelf&gt; is empty" in page
    assert "1 of the forms did not do what is described here." in page
    assert Mirror.objects.count() == 0


@pytest.mark.expects_errors
def test_a_stage_that_is_taken_is_told_in_a_sentence(learner, monkeypatch) -> None:
    monkeypatch.setattr(stage, "LOCK_TIMEOUT_SECONDS", 0.01)
    with stage._one_at_a_time:
        answer = learner.post(LAB)
    assert answer.status_code == 503
    assert "has not ended yet" in answer.content.decode()


@pytest.mark.parametrize("role", ["Author", "Editor", "Moderator", "Administrator"])
def test_those_who_may_find_it_in_their_menu(client, role) -> None:
    client.force_login(person("nina", role))
    assert f'href="{LAB}"' in client.get("/").content.decode()
    assert client.get(LAB).status_code == 200


def test_readers_do_not_find_it(client, rita) -> None:
    client.force_login(rita)
    assert LAB not in client.get("/").content.decode()


WITHOUT = """
from django.test import Client
from accounts.models import User
client = Client(headers={"host": "127.0.0.1"})
client.force_login(User.objects.create_superuser("root", "root@example.org", "correct horse"))
result = [client.get("/studio/lab/").status_code, client.get("/studio/").status_code,
          "/studio/lab/" in client.get("/studio/").content.decode()]
"""


def test_taken_out_it_takes_its_page_and_its_link_along(site: Site) -> None:
    answers = site.python(WITHOUT, SETTINGS="tests.settings_without", WITHOUT="lab")
    assert answers == [404, 200, False]
