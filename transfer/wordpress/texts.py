"""The texts of an item as this site keeps them."""

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote

from blog.models import SLUG_LENGTH, TITLE_LENGTH
from transfer.conversion import MAX_HTML, TooLong, to_markdown
from transfer.text import cut_at_word, one_line, plain
from transfer.wordpress.records import Picture, SourceItem
from transfer.wordpress.shortcodes import expand

SUMMARY_LENGTH = 500
_MORE = re.compile(r"<!--\s{0,9}more[^>]{0,200}-->", re.I)
_SHORTCODE = re.compile(r"\[/?[a-z][\w-]*(?:\s[^\[\]]*)?\]", re.I)
# A block without content of its own: WordPress fills it when it shows the page.
_LIVE_BLOCK = re.compile(r"<!--\s{0,9}wp:([\w/-]+)\s[^>]{0,2000}/-->")


@dataclass(slots=True)
class Texts:
    """Title, summary, body and slug, the images, and what was lost on the way, in words."""

    title: str
    summary: str
    body: str
    slug: str
    images: list[str]
    notes: list[str] = field(default_factory=list)


def texts_of(item: SourceItem, pictures: Mapping[str, Picture]) -> Texts:
    """Convert an item's texts; raises TooLong for what cannot be a post."""
    if len(item.body) > MAX_HTML:
        raise TooLong(f"its text has more than {MAX_HTML:,} characters of HTML")
    notes: list[str] = []
    title = plain(item.title) or "Untitled"
    if len(title) > TITLE_LENGTH:
        notes.append(f"its title was cut to {TITLE_LENGTH} characters")
    teaser, *rest = _MORE.split(item.body, maxsplit=1)
    if live := sorted(set(_LIVE_BLOCK.findall(item.body))):
        notes.append(f"blocks that WordPress fills left out: {', '.join(live)}")
    source = expand(item.body, item.id, pictures, notes)
    converted = to_markdown(source, newlines="<!-- wp:" not in item.body)
    notes += converted.losses
    if count := len(converted.images):
        notes.append(
            f"{count} {'image stays at its' if count == 1 else 'images stay at their'} old address"
        )
    summary = _words(item.excerpt) or (_words(teaser) if rest else "")
    return Texts(
        title=cut_at_word(title, TITLE_LENGTH),
        summary=cut_at_word(summary, SUMMARY_LENGTH),
        body=converted.text,
        slug=unquote(item.slug)[: SLUG_LENGTH - 10],
        images=converted.images,
        notes=notes,
    )


def _words(markup: str) -> str:
    return plain(_SHORTCODE.sub(" ", markup))


def tag_names(item: SourceItem) -> list[str]:
    """Categories and tags alike, each once, ignoring case."""
    names = {one_line(html.unescape(name))[:50].strip() for name in item.tags}
    return list({name.casefold(): name for name in sorted(names) if name}.values())
