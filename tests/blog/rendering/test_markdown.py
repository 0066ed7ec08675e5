"""CommonMark as specified, coloured code, and an end to every text however large or deep."""

import html
import re

import pytest
from django.core.exceptions import ValidationError

from blog.rendering.markdown import CODE_LENGTH, DEPTH, LANGUAGES
from blog.rendering.pipeline import plain_text, render_comment, render_post
from blog.rendering.sizes import most_html
from tests.blog.rendering.test_pipeline import Found, assert_passive
from tests.samples import sample_json


def test_code_is_coloured_by_classes_alone() -> None:
    markup = render_post("```python\ndef f(): return '<b>'\n```\n\n```nonsense\n<b>\n```")
    found = assert_passive(markup)
    classes = {attributes.get("class") for tag, attributes in found.elements if tag == "span"}
    assert {"k", "nf"} <= classes
    assert ("code", {"class": "language-python"}) in found.elements
    assert "def f(): return '<b>'" in found.text
    assert "style=" not in markup


def test_headings_can_be_linked_to_and_differ() -> None:
    found = Found(render_post("## Light\n\n## Light\n\n### Ünïcode & more"))
    anchors = [attributes["id"] for tag, attributes in found.elements if tag in {"h2", "h3"}]
    assert len(set(anchors)) == 3


def test_plain_text_has_no_markup() -> None:
    assert plain_text("<p>One<br>two</p><p>three <b>four</b></p>") == "One two three four"


def test_what_no_database_keeps_is_left_out() -> None:
    assert "\0" not in render_post("a\0b")
    render_post("\ud800 lonely").encode()


def test_every_heading_has_an_anchor_of_its_own() -> None:
    found = assert_passive(render_post("## !?\n\n## x\n\n## x\n\n## x-1\n\n## `code` & more"))
    anchors = [attributes["id"] for tag, attributes in found.elements if tag == "h2"]
    assert anchors == ["section", "x", "x-1", "x-1-1", "code-more"]


ODD_CODE = ["((", "a a", " \n", "\t", "aA_", "<<A\n", "1e", "a\n", "--", "{{", "'''", "<"]


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_no_language_hangs_on_odd_code(language) -> None:
    """Pieces that make lexers slow; a hang would run into the limit of the whole test."""
    for piece in ODD_CODE:
        code = (piece * CODE_LENGTH)[:CODE_LENGTH]
        found = Found(render_post(f"```{language}\n{code}\n```"))
        assert "".join(found.text.split()) == "".join(code.split())


# -- large and deep ----------------------------------------------------------------------------

SIZE = 20_000
LARGE = {
    "quotes": ">" * 1_000 + " deep",
    "spaced quotes": "> " * 1_000 + "deep",
    "lists": "".join("  " * n + "- x\n" for n in range(400)),
    "brackets": "[" * SIZE,
    "image brackets": "![" * (SIZE // 2),
    "link openings": "[a](" * (SIZE // 4),
    "closed brackets": "[" * (SIZE // 2) + "]" * (SIZE // 2),
    "emphasis": "*a " * (SIZE // 3),
    "mixed emphasis": "*a _b " * (SIZE // 6),
    "strong": "**a" * (SIZE // 3),
    "strikes": "~~a " * (SIZE // 4),
    "ticks": "".join("`" * n + " " for n in range(200)),
    "angles": "<" * SIZE,
    "tags": "<a " * (SIZE // 3),
    "comments": "<!--" * (SIZE // 4),
    "entities": "&" * SIZE,
    "table": "|" * 2_000 + "\n" + "|-" * 2_000 + "\n" + ("|" * 2_000 + "\n") * 5,
    "definitions": "".join(f"[{n}]: /x\n" for n in range(SIZE // 12)),
    "footnotes": "[^1]" * (SIZE // 4) + "\n\n[^1]: x",
    "footnotes in footnotes": "".join(f"[^{n}]: [^{n + 1}]\n" for n in range(500)) + "[^0]",
    "headings": "# x\n" * (SIZE // 4),
    "same headings": "## x\n" * 40_000,
    "nearly the same headings": "".join(f"## x\n## x-{n}\n" for n in range(10_000)),
    "tabs in a rare language": "```easytrieve\n" + "\t" * 4_900 + "\n```",
    "code of one sign": "```rst\n" + "`a " * 60_000 + "\n```",
    "fences": "```\n" * (SIZE // 4),
    "backslashes": "\\" * SIZE,
    "one word": "x" * 200_000,
    "lines": "x\n" * 100_000,
}


@pytest.mark.parametrize("kind", LARGE)
def test_large_and_deep_texts_end(kind) -> None:
    """Time is limited by the run itself; the result must not be larger than the text deserves."""
    for render in (render_post, render_comment):
        try:
            markup = render(LARGE[kind])
        except ValidationError:  # its sentence: test_markdown_limits
            continue
        assert len(markup) <= most_html(LARGE[kind])
        assert markup.count("<blockquote") <= DEPTH


NESTED = {
    "quotes": lambda depth: f"{'>' * depth} deep",
    "spaced quotes": lambda depth: f"{'> ' * depth}deep",
    "lists": lambda depth: (
        "".join(f"{'  ' * n}- x\n" for n in range(depth)) + f"{'  ' * depth}- deep"
    ),
    "lists in a line": lambda depth: f"{'- ' * depth}deep",
    "numbers": lambda depth: f"{'1. ' * depth}deep",
    "quotes of lists": lambda depth: f"{'> - ' * depth}deep",
    "footnotes": lambda depth: f"a[^1]\n\n[^1]: {'> ' * depth}deep",
    "emphasis": lambda depth: f"{'*a ' * depth}deep{' a*' * depth}",
    "asterisks": lambda depth: f"{'*' * depth}deep{'*' * depth}",
}


@pytest.mark.parametrize("kind", NESTED)
@pytest.mark.parametrize("depth", [1, DEPTH // 2 - 1, DEPTH // 2, DEPTH, DEPTH + 1, 40, 500])
def test_nothing_is_lost_however_deep_it_lies(kind, depth) -> None:
    markup = render_post(NESTED[kind](depth))
    assert Found(markup).text.count("deep") == 1
    deepest = max(markup.count("<blockquote") + 2 * (markup.count("<ul") + markup.count("<ol")), 1)
    assert deepest <= DEPTH + 2


# -- CommonMark -----------------------------------------------------------------------------------

CONFORMS_AT_LEAST = 0.9  # of all examples; the rest differs as explained below, and only so


def normal(markup: str) -> str:
    """Without what is the same to a reader: entities, quoting, white space between blocks."""
    markup = html.unescape(markup).replace("<br />", "<br>").replace("<hr />", "<hr>")
    markup = re.sub(r"(<img[^>]*) />", r"\1>", markup)
    markup = re.sub(r' rel="noopener"| id="[^"]*"| loading="lazy"| tabindex="0"', "", markup)
    return re.sub(r"\s+", " ", re.sub(r"\s*(/?>)\s*|\s*(<)", r"\1\2", markup)).strip()


def test_plain_commonmark_is_rendered_as_specified() -> None:
    examples = sample_json("commonmark", "commonmark-0.31.2.json")
    different = [e for e in examples if normal(render_post(e["markdown"])) != normal(e["html"])]
    explained = [
        example
        for example in different
        if example["section"] in {"HTML blocks", "Raw HTML"}
        or re.search(r"<[a-z!?/]", example["markdown"])  # raw HTML is text here
        or "ruby" in example["markdown"]  # code is coloured
    ]
    unexplained = [(e["example"], e["section"]) for e in different if e not in explained]
    conformity = 1 - len(different) / len(examples)
    assert conformity >= CONFORMS_AT_LEAST, f"{conformity:.3f}"
    assert unexplained == []
