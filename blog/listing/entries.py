"""What lists show of posts: rendered once for all lists, and kept until it changes.

After a change a list is put together from what it showed before and what is new.
"""

from collections.abc import Collection, Iterable
from typing import NamedTuple

from django.template.loader import get_template
from django.utils.safestring import mark_safe

from blog import fragments, topics
from blog.models import Post

CARD, FEATURE = "_post_card.html", "blog/_feature.html"


class Entry(NamedTuple):
    """A post as a list shows it."""

    template: str
    pk: int
    leading: bool = False  # what readers see first

    @property
    def name(self) -> str:
        return f"{self.template} {self.pk} {self.leading}"


def rendered(entries: Iterable[Entry]) -> dict[Entry, str]:
    """The HTML of these; without posts that are not public any more."""
    named = {entry.name: entry for entry in entries}

    def build(names: Collection[str]) -> dict[str, fragments.Built]:
        return _built([named[name] for name in names])

    blocks = fragments.kept_together(named, build)
    return {entry: blocks[name][""] for name, entry in named.items() if name in blocks}


def _built(entries: Collection[Entry]) -> dict[str, fragments.Built]:
    """All with the same queries, and each with what it alone depends on."""
    with topics.recording() as noted:
        posts = Post.objects.published().as_cards().about().in_bulk({one.pk for one in entries})
    own = {pk: _about(post) for pk, post in posts.items()}
    common = noted.topics.difference(*own.values())  # what nobody can say of whom it was read
    built: dict[str, fragments.Built] = {}
    for entry in entries:
        if entry.pk in posts:
            shown = {"post": posts[entry.pk], "first": entry.leading}
            with topics.recording() as noted:
                html = get_template(entry.template).render(shown)
            noted.topics |= own[entry.pk] | common
            built[entry.name] = {"": mark_safe(html)}, noted  # noqa: S308 - rendered
    return built


def _about(post: Post) -> set[str]:
    """What its rows note as they are loaded."""
    labels = {topics.label(tag.pk) for tag in post.tags.all()}
    return {topics.card(post.pk), topics.name(post.author_id), *labels}
