"""Forms that meet the sign-in page or a refused token: no word is lost, or shown to others."""

import re

import pytest
from django.contrib.sessions.models import Session
from django.core import signing

from accounts.interrupted import requests
from blog.models import Post
from comments.models import Comment
from tests.cast import person
from tests.forms import OURS, fields, press, send, sign_in, token, window, words
from tests.photos import photo

SAID = 'Bright <b>indeed</b>\n\nand "more" & more'
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def people(rita, ada, moss) -> None:
    """They are there to sign in."""


@pytest.fixture
def post(write):
    return write(public=True)


def test_a_comment_survives_the_end_of_its_session(post, rita) -> None:
    reader = window(rita)
    Session.objects.all().delete()
    page = send(reader, "/posts/on-mirrors/comments/", {"body": SAID})
    assert page.status_code == 403
    assert "Sign in to go on" in words(page)
    assert not Comment.objects.exists()

    page = sign_in(reader, page, "rita")
    assert page.status_code == 200
    assert "Your comment on “On mirrors”" in words(page)
    assert "Bright <b>indeed</b>" in words(page)
    assert "no-store" in page.headers["Cache-Control"]
    assert not Comment.objects.exists()

    assert press(reader, page).status_code == 302
    assert Comment.objects.get().body.replace("\r\n", "\n") == SAID


def test_it_survives_a_wrong_password_too(post, rita) -> None:
    reader = window(rita)
    Session.objects.all().delete()
    page = send(reader, "/posts/on-mirrors/comments/", {"body": SAID})
    page = sign_in(reader, page, "rita", password="wrong")
    assert "Sign in to go on" in words(page)
    assert words(page).count("Forgot your password?") == 1, "a link that keeps this page"
    page = sign_in(reader, page, "rita")
    assert "Bright <b>indeed</b>" in words(page)


def test_it_survives_a_refused_sign_in_form(post, rita) -> None:
    """Signed in again in another window meanwhile, which gave all forms another token."""
    reader = window(rita)
    Session.objects.all().delete()
    page = send(reader, "/posts/on-mirrors/comments/", {"body": SAID})
    reader.force_login(rita)
    reader.cookies.pop("csrftoken")
    reader.get("/accounts/settings/")
    page = sign_in(reader, page, "rita")
    assert page.status_code == 403
    assert "Your comment on “On mirrors”" in words(page)
    assert "correct horse" not in words(page)
    press(reader, page)
    assert Comment.objects.get().body.replace("\r\n", "\n") == SAID


def test_nobody_else_gets_to_see_it(post, rita, ada) -> None:
    reader = window(rita)
    Session.objects.all().delete()
    page = send(reader, "/posts/on-mirrors/comments/", {"body": SAID})
    page = sign_in(reader, page, "ada")
    assert page.status_code == 403
    assert "Somebody else typed this" in words(page)
    assert "indeed" not in words(page)

    page = press(reader, page)  # signs ada out
    assert "_auth_user_id" not in reader.session
    assert "Bright" in words(sign_in(reader, page, "rita"))
    assert not Comment.objects.exists()


def test_a_form_of_one_person_is_not_sent_by_the_next(post, rita, ada) -> None:
    browser = window(rita)
    old = token(browser)
    send(browser, "/accounts/logout/")
    browser.get("/accounts/login/")
    send(browser, "/accounts/login/", {"login": "ada", "password": "correct horse"})
    browser.get("/accounts/settings/")
    page = send(browser, "/posts/on-mirrors/comments/", {"body": SAID, "csrfmiddlewaretoken": old})
    assert page.status_code == 403
    assert "Somebody else typed this" in words(page)
    assert "indeed" not in words(page)


def test_signed_out_in_another_window(post, rita) -> None:
    reader = window(rita)
    old = token(reader)
    send(reader, "/accounts/logout/")
    page = send(reader, "/posts/on-mirrors/comments/", {"body": SAID, "csrfmiddlewaretoken": old})
    assert page.status_code == 403
    assert "Bright" in words(sign_in(reader, page, "rita"))


def test_a_stale_token_is_renewed(post, rita) -> None:
    reader = window(rita)
    stale = {"body": SAID, "csrfmiddlewaretoken": "x" * 32}
    page = send(reader, "/posts/on-mirrors/comments/", stale)
    assert page.status_code == 403
    assert "You are signed in as rita" in words(page)
    assert not Comment.objects.exists()
    press(reader, page)
    assert Comment.objects.get().body.replace("\r\n", "\n") == SAID


@pytest.mark.parametrize(
    "headers",
    [
        {"HTTP_ORIGIN": "https://evil.example"},
        {"HTTP_ORIGIN": "null"},
        {"HTTP_SEC_FETCH_SITE": "cross-site"},
        {"HTTP_SEC_FETCH_SITE": "same-site"},
        {"HTTP_ORIGIN": None, "HTTP_REFERER": "https://evil.example/"},
        {"HTTP_ORIGIN": None, "HTTP_REFERER": "//["},
        {"HTTP_ORIGIN": None},
    ],
)
@pytest.mark.parametrize("signed_in", [True, False])
def test_what_another_site_sends_is_not_kept(post, rita, headers, signed_in) -> None:
    browser = window(rita)
    if not signed_in:
        Session.objects.all().delete()
    headers = {**OURS, **headers}
    headers = {name: value for name, value in headers.items() if value is not None}
    bad = {"body": SAID, "csrfmiddlewaretoken": "x" * 32}
    answer = browser.post("/posts/on-mirrors/comments/", bad, **headers)
    assert answer.status_code == 403
    assert "indeed" not in words(answer)
    assert requests.FIELD not in words(answer)
    if not signed_in:  # with a token that is right: led to the sign-in page with empty hands
        good = {"body": SAID, "csrfmiddlewaretoken": token(browser)}
        headers.pop("HTTP_ORIGIN", None)
        answer = browser.post("/posts/on-mirrors/comments/", good, **headers)
        assert answer.status_code == 302
        assert answer.headers["Location"] == "/accounts/login/?next=%2F"


def test_passwords_are_never_given_back(rita) -> None:
    typed = {"oldpassword": "correct horse", "password1": "new one 77", "password2": "new one 77"}
    for signed_in in (True, False):
        rita.refresh_from_db()
        browser = window(rita)
        if not signed_in:
            Session.objects.all().delete()
        for bad in ("x" * 32, token(browser)):
            page = send(
                browser, "/accounts/password/change/", {**typed, "csrfmiddlewaretoken": bad}
            )
            text = words(page)
            carried = re.search(r'name="carried" value="([^"]+)"', text)
            if carried:
                text += str(signing.loads(carried[1], salt=requests.SALT))
            assert "correct horse" not in text
            assert "new one 77" not in text


def test_a_file_has_to_be_chosen_again(rita) -> None:
    reader = window(rita)
    Session.objects.all().delete()
    page = send(reader, "/accounts/profile/", {"bio": "Light.", "avatar": photo()})
    page = sign_in(reader, page, "rita")
    assert "Choose it again" in words(page)
    assert 'type="file" name="avatar"' in words(page)
    press(reader, page)
    rita.profile.refresh_from_db()
    assert rita.profile.bio == "Light."


def test_carried_fields_cannot_be_forged_and_end(post, rita, monkeypatch) -> None:
    reader = window(rita)
    Session.objects.all().delete()
    page = send(reader, "/posts/on-mirrors/comments/", {"body": SAID})
    action, sent = fields(page)
    person_ = {"login": "rita", "password": "correct horse"}
    forged = {**sent, **person_, "carried": sent["carried"][:-3] + "abc"}
    assert reader.post(action, forged, **OURS).status_code == 302

    reader = window(rita)
    Session.objects.all().delete()
    page = send(reader, "/posts/on-mirrors/comments/", {"body": SAID})
    monkeypatch.setattr(requests, "AGE_MAX", -1)
    assert sign_in(reader, page, "rita").status_code == 302


@pytest.mark.parametrize("why", ["too much", "nobody knows whose"])
def test_what_is_not_carried_can_be_copied(post, rita, monkeypatch, why) -> None:
    reader = window(rita)
    if why == "too much":
        monkeypatch.setattr(requests, "SIZE_MAX", 10)
    else:
        reader.cookies.pop("form_owners")
    Session.objects.all().delete()
    page = send(reader, "/posts/on-mirrors/comments/", {"body": SAID})
    assert "copy what you need" in words(page)
    assert "Bright <b>indeed</b>" in words(page)
    answer = sign_in(reader, page, "rita")
    assert answer.status_code == 302


def test_a_post_keeps_text_and_button(write, ada) -> None:
    draft = write("Old title")
    author = window(ada)
    Session.objects.all().delete()
    typed = {"title": "New title", "body": "Text\n" * 400, "version": "1", "do": "publish"}
    page = send(author, f"/studio/posts/{draft.pk}/edit/", typed)
    assert Post.objects.get().status == "draft"
    page = sign_in(author, page, "ada")
    assert "Publish: “New title”" in words(page)
    assert Post.objects.get().title == "Old title"
    press(author, page)
    row = Post.objects.get()
    assert (row.title, row.status) == ("New title", "published")


def test_titles_stay_with_those_who_may_know_them(write, ada) -> None:
    secret = write("A secret draft")
    stranger = person("sam", "Author")
    browser = window(stranger)
    page = send(browser, f"/studio/posts/{secret.pk}/delete/", {"csrfmiddlewaretoken": "x" * 32})
    assert "Delete for good" in words(page)
    assert "secret" not in words(page)
