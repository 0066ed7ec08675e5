"""How much a text may ask of the parser and of a page, whatever it is made of.

The rules that answer a few characters with much (footnotes, references, pictures in the names of
pictures) have limits of their own, past which they leave a text as it was typed.  Below them all
lies a net: what the parser does and what comes out of it is counted, and a text is refused that
asks for more than a page can be.  Counts, not seconds: the same text has the same answer
everywhere.
"""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline, image
from mdit_py_plugins.footnote.index import footnote_inline, footnote_ref

from blog.rendering.sizes import most_html

InlineRule = Callable[[StateInline, bool], bool]

# Looks at one place of a text, by the rules for blocks or for what is in a line.  A novel of the
# largest size takes 20,000, a list of links 35,000; 120,000 take about a second.
STEPS = 120_000
TOKENS = 200_000  # the parts of the result: three for each cell of a table
LABEL = 100  # characters of a footnote's name
IN_EACH_OTHER = 4  # footnotes in footnotes and pictures in names of pictures, typed in a line
EMPHASES = 12  # in each other


def too_much() -> ValidationError:
    """The refusal, for the field with the text."""
    return ValidationError(
        {
            "body": _(
                "This text has too much markup for one page. Divide it, or use fewer links, "
                "footnotes, table cells or signs such as * and [."
            )
        }
    )


def limits(parser: MarkdownIt) -> None:
    """A plugin for `MarkdownIt.use`, after those with rules of their own."""
    parser.block.ruler.before(
        "code", "budget", _block_step, {"alt": ["paragraph", "reference", "blockquote", "list"]}
    )
    parser.inline.ruler.before("text", "budget", _inline_step)
    parser.inline.ruler.at("image", _nested(image))
    parser.inline.ruler2.before("fragments_join", "emphases", _shallow_emphases)
    parser.core.ruler.push("weight", _weigh)
    if "footnote_ref" in parser.get_all_rules()["inline"]:
        parser.inline.ruler.at("footnote_inline", _nested(footnote_inline))
        parser.inline.ruler.at("footnote_ref", _footnote_reference)


def _spend(env: Any) -> None:
    env["steps"] = steps = env.get("steps", 0) + 1
    if steps > STEPS:
        raise too_much()


def _block_step(state: StateBlock, _line: int, _end: int, _silent: bool) -> bool:
    _spend(state.env)
    if len(state.tokens) > TOKENS:
        raise too_much()
    return False


def _inline_step(state: StateInline, _silent: bool) -> bool:
    _spend(state.env)
    return False


def _nested(rule: InlineRule) -> InlineRule:
    """A rule whose content is parsed as a text of its own, so that the parser forgets how deep it
    is: to IN_EACH_OTHER."""

    def limited(state: StateInline, silent: bool) -> bool:
        deep = state.env.get("deep", 0)
        if deep >= IN_EACH_OTHER:
            return False
        state.env["deep"] = deep + 1
        try:
            return rule(state, silent)
        finally:
            state.env["deep"] = deep

    return limited


def _footnote_reference(state: StateInline, silent: bool) -> bool:
    """Each opening would look for its end in all the rest of the paragraph."""
    if state.src.find("]", state.pos, state.pos + LABEL) < 0:
        return False
    return footnote_ref(state, silent)


def _shallow_emphases(state: StateInline) -> None:
    """Emphasis deeper than EMPHASES is shown as it was typed: a browser ends at 512 elements."""
    depth = 0
    for token in state.tokens:
        if token.tag not in {"em", "strong", "s"}:
            continue
        depth += min(token.nesting, 0)
        if depth >= EMPHASES:
            token.type, token.tag, token.content = "text", "", token.markup
        depth += max(token.nesting, 0)
        if not token.tag:
            token.nesting = 0


def _weigh(state: StateCore) -> None:
    """Refuse what would be far too large, before it is written: a long address that is referred
    to from everywhere lies in memory once and in the page each time."""
    weight = count = 0
    for block in state.tokens:
        for token in (block, *(block.children or [])):
            count += 1
            weight += len(token.content if token is not block or not block.children else "")
            weight += sum(len(str(value)) for value in token.attrs.values())
    if count > TOKENS or weight > most_html(state.src):
        raise too_much()
