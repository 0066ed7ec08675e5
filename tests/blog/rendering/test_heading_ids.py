"""Nothing in a text takes an id of the page around it."""

import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from blog.rendering.heading_ids import is_ours
from blog.rendering.pipeline import render_post
from blog.services import publish
from comments.models import Comment
from comments.services import approve_comment, submit_comment

pytestmark = pytest.mark.django_db(transaction=True)

TEMPLATES = Path(settings.BASE_DIR) / "templates"
NO_TEXT = {"lab", "signalflow", "webhooks", "allauth"}  # pages that show nobody's text


def ids_of_templates() -> set[str]:
    """Every id that a page with a text may have, with numbers and fields put in."""
    found = set()
    for template in TEMPLATES.rglob("*.html"):
        if not NO_TEXT & set(template.relative_to(TEMPLATES).parts):
            found |= set(re.findall(r'\bid="([^"]+)"', template.read_text()))
    fields = re.compile(r"{{ (?:field\.auto_id|attrs\.id|widget\.[a-z_]+|fieldset\.css_id) }}")
    return {re.sub(r"{{.*?}}", "7", fields.sub("id_body", each)) for each in found}


def test_every_id_of_the_templates_is_left_to_the_page() -> None:
    assert len(ids_of_templates()) > 8
    assert [each for each in ids_of_templates() if not is_ours(each)] == []


class Page(HTMLParser):
    def __init__(self, markup: str) -> None:
        super().__init__()
        self.ids: Counter[str] = Counter()
        self.main = ""
        self.targets: set[str] = set()
        self.feed(markup)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if "id" in found:
            self.ids[found["id"]] += 1
            self.main = tag if found["id"] == "content" else self.main
        if found.get("href", "").startswith("#"):
            self.targets.add(found["href"][1:])
        for name in ("for", "aria-labelledby", "aria-describedby", "list"):
            self.targets |= set(found.get(name, "").split())


NAMES = ["Content", "Menu", "Conversation", "Reply", "id_body", "div_id_body", "fn1", "fnref1"]


def test_hostile_headings_and_comments_leave_every_target_its_own(ada, rita, moss, write) -> None:
    post = write(public=False)
    comments = range(1, 4)
    names = [*NAMES, "Conversation title", *(f"comment-{n}" for n in range(1, 60))]
    body = "".join(f"## {name}\n\n" for name in names * 2) + "a[^1] b^[c]\n\n[^1]: d\n"
    body += "\n| a | b |\n|---|---|\n| 1 | 2 |\n"
    post.body = body
    post.body_html = render_post(body)
    post.save()
    publish(post, by=ada)
    for n in comments:
        text = f"## Content\n\n[^1] **{n}**\n\n[^1]: x\n\n<p id=content>"
        approve_comment(submit_comment(post, author=rita, body=text), by=moss)
    assert Comment.objects.count() == len(comments)
    client = Client()
    client.force_login(rita)
    for reader in (Client(), client):
        page = Page(reader.get(post.get_absolute_url()).content.decode())
        assert [each for each, count in page.ids.items() if count > 1] == []
        assert page.main == "main"
        assert page.targets - set(page.ids) == set()


def test_other_headings_keep_the_ids_that_are_linked_to() -> None:
    html = render_post("## The light\n\n## Content\n\n## Comments\n\n## Comment-7")
    assert re.findall(r'<h2 id="([^"]+)"', html) == [
        *("the-light", "section-content", "comments", "section-comment-7")
    ]
