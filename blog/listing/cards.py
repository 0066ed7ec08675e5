"""What lists show of posts: rendered once for all lists, and kept until it changes.

After a change a list is put together from what it showed before and what is new.
"""

from collections.abc import Collection, Iterable
from typing import NamedTuple

from django.template.loader import get_template
from django.utils.safestring import mark_safe

from blog import cache_tags
from blog.models import Post
from pagecache import cached_fragments, recording
from pagecache.fragments import Built

CARD, FEATURE = "_post_card.html", "blog/_feature.html"


class Card(NamedTuple):
    """A post as a list shows it."""

    template: str
    pk: int
    leading: bool = False  # what readers see first

    @property
    def name(self) -> str:
        return f"{self.template} {self.pk} {self.leading}"


def render_cards(cards: Iterable[Card]) -> dict[Card, str]:
    """The HTML of these; without posts that are not public any more."""
    named = {card.name: card for card in cards}

    def build(names: Collection[str]) -> dict[str, Built]:
        return _built([named[name] for name in names])

    blocks = cached_fragments(named, build)
    return {card: blocks[name][""] for name, card in named.items() if name in blocks}


def _built(cards: Collection[Card]) -> dict[str, Built]:
    """All with the same queries, and each with what it alone depends on."""
    with recording() as recorded:
        posts = (
            Post.objects.published().as_cards().with_cache_tags().in_bulk({one.pk for one in cards})
        )
    own = {pk: _about(post) for pk, post in posts.items()}
    common = recorded.tags.difference(*own.values())  # what nobody can say of whom it was read
    built: dict[str, Built] = {}
    for card in cards:
        if card.pk in posts:
            shown = {"post": posts[card.pk], "first": card.leading}
            with recording() as recorded:
                html = get_template(card.template).render(shown)
            recorded.tags |= own[card.pk] | common
            built[card.name] = {"": mark_safe(html)}, recorded  # noqa: S308 - rendered
    return built


def _about(post: Post) -> set[str]:
    """What its rows record as they are loaded."""
    labels = {cache_tags.label(tag.pk) for tag in post.tags.all()}
    return {cache_tags.card(post.pk), cache_tags.name(post.author_id), *labels}
