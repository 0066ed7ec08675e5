"""HTML from elsewhere, as Markdown that reads the same when it is rendered again."""

import html
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blog.models import BODY_LENGTH
from blog.rendering.pipeline import plain_text, render_post
from transfer.conversion import MAX_HTML, TooLong, to_markdown


def markdown(source: str, *, newlines: bool = False) -> str:
    return to_markdown(source, newlines=newlines).text


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("<p>One</p><p>Two</p>", "One\n\nTwo"),
        ("<p>One<p>Two", "One\n\nTwo"),
        ("<h2>Sun &amp; <em>shade</em></h2>", "## Sun & *shade*"),
        ("<b>so:</b>then <i>x</i><i>y</i>", "**so:** then *xy*"),
        ("<em><p>block</p></em>", "block"),
        ("<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>", "- a\n  - b\n- c"),
        ("<ol start='3'><li>a</li><li>b</li></ol>", "3. a\n4. b"),
        ("<blockquote>Wait<cite>Ada</cite></blockquote>", "> Wait*Ada*"),
        ("<a href='https://x.example/a b(c)'>there</a>", "[there](https://x.example/a%20b%28c%29)"),
        ("<p>https://x.example/v?a=1</p>", "<https://x.example/v?a=1>"),
        ("<img src='/a.png' alt='a]b'>", "![a\\]b](/a.png)"),
        ("<table><tr><th>a|b</th></tr><tr><td>1</td></tr></table>", "| a\\|b |\n| --- |\n| 1 |"),
        ("<pre class='language-py'>a = 1<br>b</pre>", "```py\na = 1\nb\n```"),
        ("<pre>```\nx\n```</pre>", "````\n```\nx\n```\n````"),
        ("<dl><dt>Sun</dt><dd>a star</dd></dl>", "**Sun**\n\na star"),
        ("<script>x()</script><style>p{}</style>words", "words"),
        ("<iframe src='https://x.example/v'></iframe>", "<https://x.example/v>"),
        ("<a href='javascript:x()'>click</a>", "click"),
        ("<!-- wp:paragraph --><p>in a block</p><!-- /wp:paragraph -->", "in a block"),
        ("1. not a list", "1\\. not a list"),
        ("# not a heading", "\\# not a heading"),
        ("snake_case and _more_", "snake_case and \\_more\\_"),
    ],
)
def test_each_thing_has_its_markdown(source: str, expected: str) -> None:
    assert markdown(source) == expected


def test_old_editors_kept_paragraphs_as_empty_lines() -> None:
    source = "First <em>line</em>\nsecond line<br />\nthird\n\nNext\n<ul>\n<li>a</li>\n</ul>\nEnd"
    expected = "First *line*  \nsecond line  \nthird\n\nNext\n\n- a\n\nEnd"
    assert markdown(source, newlines=True) == expected
    assert markdown("one\ntwo\n\nthree") == "one two three", "elsewhere they mean nothing"


def test_what_is_lost_is_told() -> None:
    converted = to_markdown("<form>x</form><script></script><audio></audio><img src='data:x'>ok")
    assert converted.text == "ok"
    assert converted.losses == [
        "forms left out",
        "scripts left out",
        "an embedded audio left out",
        "images without an address left out",
    ]


@given(st.text(st.characters(blacklist_categories=["Cs", "Cc"]), max_size=60))
@settings(max_examples=300, deadline=None)
def test_text_stays_text(text: str) -> None:
    """Whatever the characters, a reader sees these and no others."""
    rendered = render_post(markdown(f"<p>{html.escape(text)}</p><p>end</p>"))
    seen = html.unescape(plain_text(rendered))
    assert "".join(seen.split()) == "".join(f"{text}end".split())


@given(
    st.lists(st.sampled_from(["a", "*", "_x_", "[", "](b)", "~~", "`", " ", "\\", "|", "&amp;"]))
)
@settings(max_examples=300, deadline=None)
def test_emphasis_keeps_its_words(pieces: list[str]) -> None:
    inner = "".join(pieces)
    rendered = render_post(markdown(f"<p>b <em>{inner}</em> <a href='/x'>{inner}</a> e</p>"))
    seen = "".join(html.unescape(plain_text(rendered)).split())
    assert seen == "".join(html.unescape(f"b{inner}{inner}e").split())


@pytest.mark.parametrize("unit", ["<div>", "<em>", "<a ", "<!--", "<![", "<b>a</b>", " ", "<br>\n"])
def test_hostile_texts_end_soon(unit: str) -> None:
    begun = time.perf_counter()
    render_post(markdown(unit * (30_000 // len(unit)), newlines=True)[:BODY_LENGTH])
    assert time.perf_counter() - begun < 20


def test_deep_nesting_keeps_the_words() -> None:
    converted = to_markdown("<div>" * 2_000 + "<p>deep</p>words" + "</div>" * 2_000)
    assert converted.text.split() == ["deep", "words"]
    assert converted.losses == ["nested too deeply: only its words came along"]


def test_more_than_a_post_can_hold_is_refused() -> None:
    with pytest.raises(TooLong, match="1,000,000"):
        to_markdown("x" * (MAX_HTML + 1))


@pytest.mark.parametrize(
    ("source", "written"),
    [
        (
            '<img src="/a.jpg" alt="A"><figcaption>In the <b>sun</b></figcaption>',
            "![A](/a.jpg) *In the **sun***",
        ),
        (
            '<a href="/b"><img src="/a.jpg"></a><figcaption>Sun</figcaption>',
            "[![](/a.jpg)](/b) *Sun*",
        ),
        ('<img src="/a.jpg"><figcaption></figcaption>', "![](/a.jpg)"),
        ("<blockquote>Q</blockquote><figcaption>Who</figcaption>", "> Q\n\nWho"),
        (
            '<img src="/a.jpg"><img src="/b.jpg"><figcaption>Two</figcaption>',
            "![](/a.jpg)![](/b.jpg)\n\nTwo",
        ),
    ],
)
def test_a_picture_keeps_its_caption(source, written) -> None:
    assert markdown(f"<figure>{source}</figure>").strip() == written
