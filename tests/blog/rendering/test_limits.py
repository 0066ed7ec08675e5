"""Nobody can make the parser work, or a page grow, out of proportion to what they typed."""

import sys
from collections.abc import Callable
from itertools import product
from types import FrameType
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from blog.models import BODY_LENGTH, Post
from blog.rendering.limits import EMPHASES, STEPS
from blog.rendering.markdown import COLOURS, _parser
from blog.rendering.pipeline import render_comment, render_post
from blog.rendering.repair import wrong_texts
from blog.rendering.sizes import most_html
from blog.services import create_post, edit_post, import_post
from comments.models import Comment
from comments.services import import_comment, submit_comment

FOOTNOTES = "^[a]" * 10_000


def lines_run(work: Callable[[str], Any], text: str) -> int:
    """How many lines of Python a piece of work runs: what it costs, the same on every machine."""
    count = 0

    def see(_frame: FrameType, event: str, _arg: Any) -> Any:
        nonlocal count
        count += event == "line"
        return see

    before = sys.gettrace()
    sys.settrace(see)
    try:
        work(text)
    finally:
        sys.settrace(before)
    return count


SIGNS = ["*", "_", "[", "]", "(", "!", "^", "~", "`", "<", ">", "-", "|", "\n"]
UNITS = [*SIGNS, *("".join(pair) for pair in product(SIGNS, repeat=2) if len(set(pair)) == 2)]
KNOWN = "[^1]: x\n\n[a]: /x\n\n"


@pytest.mark.parametrize("first", SIGNS)
def test_twice_the_text_is_twice_the_work(first) -> None:
    """What is quadratic takes four times as long for a text twice as long."""
    parser = _parser(full=True)
    parser.render(KNOWN + "warm")
    for unit in UNITS:
        if unit[0] == first:
            once, twice = (lines_run(parser.render, KNOWN + unit * size) for size in (80, 160))
            assert twice < 2.7 * once + 2_000, unit


LARGE = {
    "inline footnotes": FOOTNOTES,
    "openings of footnotes": "[^1]: x\n\n" + "[^" * 24_000,
    "footnotes in footnotes": "^[" * 12_000 + "a" + "]" * 12_000,
    "pictures in names of pictures": "![" * 5_000 + "a" + "](x)" * 5_000,
    "a long address": f"[a]: /{'x' * 10_000}\n\n" + "[a]" * 49_000,
    "a long title": f'[a]: /x "{"&" * 10_000}"\n\n' + "![a]" * 35_000,
    "cells nobody typed": "|".join("a" * 256) + "\n" + "|".join("-" * 256) + "\n" + "x\n" * 256,
    "cells": "|".join("a" * 50) + "\n" + "|".join("-" * 50) + "\n" + ("1|" * 50 + "\n") * 1_970,
    "asterisks": "*" * 24_999 + "a" + "*" * 24_999,
    "blocks of code": "```python\na=b\n```\n" * 10_000,
    "signs in code": ("```python\n" + "=+" * 1_400 + "\n```\n") * 70,
    "quotes": (">" * 26 + "a\n\n") * 6_800,
}


@pytest.mark.parametrize("kind", LARGE)
def test_no_construct_makes_a_page_out_of_proportion(kind) -> None:
    text = LARGE[kind][: BODY_LENGTH // 4]
    env: dict[str, Any] = {}
    try:
        _parser(full=True).render(text, env)
        size = len(render_post(text))
    except ValidationError as refusal:
        sentences, size = refusal.message_dict, 0
    else:
        sentences = {"body": []}
    assert list(sentences) == ["body"]
    assert size <= most_html(text)
    assert env["steps"] <= STEPS + 1


def test_a_book_of_ordinary_markup_is_taken() -> None:
    line = (
        "- A *sentence* of [a book](https://example.org/books), which `names` things: all of it.\n"
    )
    assert render_post(line * (BODY_LENGTH // len(line))).count("<li>") == BODY_LENGTH // len(line)
    table = "| Year | Town | People |\n|---|---|---:|\n" + "| 1999 | Here | 12,345 |\n" * 5_000
    assert render_post(table).count("<tr>") == 5_001


def test_code_of_nothing_but_signs_has_no_colours() -> None:
    markup = render_comment("```python\n" + "a=" * 1_000 + "\n```")
    assert "<span" not in markup
    assert len(markup) < COLOURS * 2_000


def test_emphasis_ends_before_a_browser_does() -> None:
    markup = render_comment("*a " * 100 + "b" + " c*" * 100)
    assert markup.count("<em>") == EMPHASES
    assert markup.count("*") == 2 * (100 - EMPHASES)


# -- the doors --------------------------------------------------------------------------------

pytestmark = pytest.mark.django_db(transaction=True)


def test_every_door_refuses_it_and_writes_nothing(ada, rita, write) -> None:
    post = write(public=True)
    quotes = (">" * 26 + "a\n\n") * 172  # 24 times as much HTML
    for act in (
        lambda: create_post(ada, title="x", body=FOOTNOTES),
        lambda: import_post(ada, title="x", body=FOOTNOTES, source="x"),
        lambda: submit_comment(post, author=rita, body=""),
        lambda: import_comment(post, body="x" * 5_001, parent=None, author_name="x", source="x"),
    ):
        with pytest.raises(ValidationError) as refused:
            act()
        assert list(refused.value.message_dict) == ["body"]
    submit_comment(post, author=rita, body=quotes)
    assert len(Comment.objects.get().body_html) <= most_html(quotes)
    assert Post.objects.count() == 1


@pytest.mark.parametrize("do", ["preview", "save"])
def test_the_writing_form_says_it_at_the_text_and_keeps_what_was_typed(ada, do) -> None:
    client = Client()
    client.force_login(ada)
    typed = {"title": "On mirrors", "body": FOOTNOTES, "summary": "Kept", "do": do}
    answer = client.post("/studio/posts/new/", typed)
    assert answer.status_code == 409
    assert "too much markup" in answer.context["form"].errors["body"][0]
    page = answer.content.decode()
    assert FOOTNOTES in page
    assert "Kept" in page
    assert not Post.objects.exists()


def test_a_text_from_before_the_limits_stays_as_it_is(write) -> None:
    post = write()
    Post.objects.filter(pk=post.pk).update(body=FOOTNOTES, body_html="<p>old</p>")
    assert post.pk not in wrong_texts()


def test_a_refusal_does_not_make_an_old_window_current(ada, write) -> None:
    """What somebody saved meanwhile would be overwritten by the next try."""
    post = write()
    edit_post(post, by=ada, version=1, body="Saved elsewhere.")
    client = Client()
    client.force_login(ada)
    typed = {"title": "Mine", "body": FOOTNOTES, "version": 1, "do": "save"}
    answer = client.post(f"/studio/posts/{post.pk}/edit/", typed)
    assert answer.context["form"]["version"].value() == "1"
