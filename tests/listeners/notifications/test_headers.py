"""What a mailbox gets: headers nobody can write into, and a list a mail program can leave."""

import re
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from django.test import Client
from django.utils import timezone

from accounts.services import update_profile
from blog.models import Post, Tag
from blog.services import create_post, publish
from comments.services import approve_comment, submit_comment
from listeners.notifications.composing import SUBJECT_LENGTH
from listeners.notifications.models import Message, Subscription
from signalflow.testing import assert_nothing_left, run_deliveries
from tests.cast import person

pytestmark = pytest.mark.django_db(transaction=True)

ONCE = ("Subject", "From", "To", "Date", "Message-ID", "MIME-Version")
KNOWN = {*(name.lower() for name in ONCE), "content-type", "auto-submitted"} | {
    "list-id",
    "list-unsubscribe",
    "list-unsubscribe-post",
}

HOSTILE = {
    "line ends": "Sale\r\nBcc: victim@example.org\r\n\r\n<b>body</b>",
    "bare returns": "Sale\rBcc: victim@example.org",
    "other line ends": "Sale\u2028Bcc: victim@example.org\u2029x\x85y\x0bz\x0c",
    "encoded words": "=?utf-8?q?=0D=0ABcc:_victim@example.org?=",
    "emoji": "\U0001f468\u200d\U0001f469\u200d\U0001f467 " * 12,
    "long": "x" * 200,
    "long words": "mirrors and light " * 11,
    "markup": "</title><script>alert(1)</script>\"'&",
    "overrides": "abc\u202egnp.exe\u2066",
    "control": "a\x01\x08\x1b[2Kb\x7f",
    "right to left": "مرآة الشمس",
    "template": "{{ 7|add:7 }} {% now 'Y' %} %s %(x)s {0}",
}


@pytest.fixture
def subscriber(db) -> Subscription:
    return Subscription.objects.create(
        email="s@example.org", target="site", label="all new posts", confirmed_at=timezone.now()
    )


def parsed(mail) -> EmailMessage:
    """As a mail program reads the bytes, strictly."""
    raw = mail.message().as_bytes(linesep="\r\n")  # as the backend does
    head = raw.split(b"\r\n\r\n")[0]
    names = re.findall(rb"(?m)^([^\s:]+):", head)
    assert {name.decode().lower() for name in names} <= KNOWN
    assert all(len(line) <= 998 for line in raw.split(b"\r\n"))  # RFC 5322, section 2.1.1
    message = message_from_bytes(raw, policy=policy.default)
    for name in ONCE:
        assert len(message.get_all(name) or []) == 1, name
    return message


def subject_of(mail) -> str:
    return str(parsed(mail)["Subject"]).lstrip()  # a folded line begins with a space


def publish_titled(title: str, author) -> None:
    post = create_post(author, title="On mirrors", body="Light.")
    Post.objects.filter(pk=post.pk).update(title=title)
    publish(Post.objects.get(pk=post.pk), by=author)
    run_deliveries()


@pytest.mark.parametrize("kind", HOSTILE)
def test_no_title_writes_a_header(ada, subscriber, mailoutbox, kind) -> None:
    publish_titled(HOSTILE[kind], ada)
    (mail,) = mailoutbox
    assert mail.recipients() == ["s@example.org"]
    subject = subject_of(mail)
    assert len(subject) <= SUBJECT_LENGTH
    assert "\n" not in subject
    assert "\r" not in subject
    assert_nothing_left()


@pytest.mark.parametrize("kind", HOSTILE)
def test_no_name_writes_a_header(ada, subscriber, mailoutbox, kind, write) -> None:
    """Names go into mails, too: of authors, tags and commenters."""
    name = HOSTILE[kind][:100]
    ada.profile.display_name = name
    ada.profile.save()
    tag = Tag.objects.create(name=name[:50], slug="tag")
    Subscription.objects.create(
        email="s@example.org",
        target=f"tag:{tag.pk}",
        label=f"the tag {tag.name}",
        confirmed_at=timezone.now(),
    )
    post = write(tags=[tag.name])
    publish(post, by=ada)
    approve_comment(submit_comment(post, author=ada, body="x"), by=None)
    run_deliveries()
    assert {m.to[0] for m in mailoutbox} == {"s@example.org", "ada@example.org"}
    for mail in mailoutbox:
        parsed(mail)
    assert_nothing_left()


@pytest.mark.parametrize("kind", ["markup", "template", "line ends"])
def test_text_is_text_and_html_is_escaped(ada, subscriber, mailoutbox, kind) -> None:
    title = HOSTILE[kind]
    publish_titled(title, ada)
    (mail,) = mailoutbox
    html = mail.alternatives[0].content
    assert "<script" not in html
    assert "<b>body" not in html
    if kind != "line ends":
        assert title in mail.body
        assert subject_of(mail) == title
    assert "&lt;script&gt;" not in mail.body


def test_a_long_site_name_leaves_the_subject_its_end(rita, settings, mailoutbox) -> None:
    settings.SITE_NAME = "The Quarterly Review of Lighthouses, Lenses, Keepers and Lamps " * 2
    Client().post("/accounts/password/reset/", {"email": "rita@example.org"})
    run_deliveries()  # the link would be of no use after the next step
    rita.set_password("another light")
    rita.save()
    run_deliveries()
    reset, changed = map(subject_of, mailoutbox)
    assert changed.endswith("was changed")
    assert reset.endswith("Password Reset Email")
    for subject in (changed, reset):
        assert "The Quarterly Review" in subject
        assert len(subject) < 90


def test_a_long_title_leaves_the_subject_its_end(ada, rita, write, mailoutbox) -> None:
    post = write("mirrors and light " * 11, public=True)
    approve_comment(submit_comment(post, author=rita, body="x"), by=None)
    run_deliveries()
    (subject,) = [subject_of(mail) for mail in mailoutbox if mail.to == ["rita@example.org"]]
    assert subject.endswith("…” is public")


def test_a_subject_shows_that_it_goes_on(ada, subscriber, mailoutbox) -> None:
    publish_titled("x" * 200, ada)
    assert subject_of(mailoutbox[0]) == "x" * (SUBJECT_LENGTH - 1) + "…"


def test_joined_emoji_stay_one_picture(ada, subscriber, mailoutbox) -> None:
    family = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
    persian = "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"
    publish_titled(f"{family} {persian}", ada)
    assert subject_of(mailoutbox[0]) == f"{family} {persian}"


def test_the_headers_of_a_list(ada, subscriber, mailoutbox) -> None:
    Subscription.objects.create(
        email="t@example.org",
        target=f"author:{ada.pk}",
        label="ada",
        confirmed_at=timezone.now(),
    )
    publish_titled("On mirrors", ada)
    heads = {mail.to[0]: parsed(mail) for mail in mailoutbox}
    links = set()
    for head in heads.values():
        link = re.fullmatch(
            r"<(http://127\.0\.0\.1:8000/unsubscribe/\d+\.[\w-]{22,}/)>",
            head["List-Unsubscribe"].strip(),  # a long line is folded
        )
        links.add(link[1])
        assert head["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"  # RFC 8058
        assert head["Auto-Submitted"] == "auto-generated"
        assert re.fullmatch(r"<[0-9a-f]{32}@127\.0\.0\.1>", head["Message-ID"])
        assert [part.get_content_type() for part in head.walk()] == [
            "multipart/alternative",
            "text/plain",
            "text/html",
        ]
    assert len(links) == 2
    assert heads["s@example.org"]["List-ID"] == '"Heliograph" <site.127.0.0.1>'
    assert heads["t@example.org"]["List-ID"] == f'"Heliograph" <author-{ada.pk}.127.0.0.1>'


def raw_list_id(mail) -> str:
    head = mail.message().as_string().split("\n\n")[0]
    return re.search(r"(?m)^List-ID: (.*(?:\n .*)*)", head)[1].replace("\n", "")


@pytest.mark.parametrize("name", ["Zürich Blög", 'The "Best"\r\nBcc: v@example.org', "a\\", "日本"])
def test_the_name_of_the_site_leaves_the_list_readable(
    ada, subscriber, mailoutbox, settings, name
) -> None:
    """RFC 2919: the identifier stands in angle brackets as it is, whatever the phrase before."""
    settings.SITE_NAME = name
    publish_titled("On mirrors", ada)
    assert re.fullmatch(r"[^<>\n]*<site\.127\.0\.0\.1>", raw_list_id(mailoutbox[0]))


def test_personal_mails_are_no_list(rita, mailoutbox, write) -> None:
    rita.email = "new@example.org"
    rita.save()
    post = write(public=True)
    approve_comment(submit_comment(post, author=person("c"), body="x"), by=None)
    run_deliveries()
    assert len(mailoutbox) == 3
    for mail in mailoutbox:
        assert not [name for name, _ in parsed(mail).items() if name.lower().startswith("list-")]


def test_each_mail_has_an_id_of_its_own_that_is_kept(ada, subscriber, mailoutbox) -> None:
    publish_titled("One", ada)
    publish_titled("Two", ada)
    ids = [parsed(mail)["Message-ID"] for mail in mailoutbox]
    assert len(set(ids)) == 2
    stored = {f"<{row.message_id.hex}@127.0.0.1>" for row in Message.objects.all()}
    assert set(ids) == stored


def test_addresses_of_the_site_come_from_its_settings(subscriber, client, ada, mailoutbox) -> None:
    client.force_login(ada)
    update_profile(ada, website="https://ada.example.org")
    form = {"title": "On mirrors", "body": "Light.", "do": "publish"}
    client.post(
        "/studio/posts/new/", form, HTTP_HOST="localhost", HTTP_X_FORWARDED_HOST="evil.example"
    )
    run_deliveries()
    raw = mailoutbox[0].message().as_string()
    assert "http://127.0.0.1:8000/posts/on-mirrors/" in mailoutbox[0].body
    assert "evil.example" not in raw
    assert "localhost" not in raw
