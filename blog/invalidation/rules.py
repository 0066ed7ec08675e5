"""Which topics a change ends: what readers saw of a row, and the lists it entered or left.

Asked after the commit, so that what others committed meanwhile is seen too.
"""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from accounts.models import UserProfile
from blog import cache_tags
from blog.models import Post
from blog.months import month_of
from pagecache import SITE

if TYPE_CHECKING:
    from blog.listing.entries import Entry

# Who shows which column of a post: links, cards and the whole page, or cards and the page; all
# other columns are on the page alone, in the feeds or in the sitemap, which read whole rows.
ON_LINKS = {"title", "slug", "published_at"}
ON_CARDS = {
    "summary",
    "image",
    "image_alt",
    "image_renditions",
    "author",
    "author_id",
}
# What no page of the public shows, or what has topics of its own.
UNSEEN = {"status", "publish_at", "featured_slot", "featured_at", "version", "renderer", "source"}
DECIDING = {"status", "published_at"}  # whether and where lists have it


def tags_for_saved_post(
    post: Post, created: bool, update_fields: Collection[str] | None
) -> set[str]:
    """What readers may see otherwise after a save; nothing for the text of a draft.

    `update_fields` are the columns written, None for all of them.
    """
    written = set(update_fields) if update_fields is not None else {*ON_LINKS, *UNSEEN, "body"}
    ended = set()
    # A plan that is gone needs no word: at its moment the clock finds nothing due.
    if post.status == Post.Status.SCHEDULED and written & {"status", "publish_at"}:
        ended.add(cache_tags.SCHEDULE)
    # What was public once has a date, and may have been public until this save.
    withdrawn = not created and post.published_at is not None and written & DECIDING
    if not post.is_public and not withdrawn:
        return ended
    if "featured_slot" in written:
        ended.add(cache_tags.FEATURED)
    if written & {"status", "author", "author_id"}:  # somebody's first or last one, perhaps
        ended.add(cache_tags.AUTHORS)
    if written & DECIDING:
        return ended | tags_for_listed_post(post, is_moved="status" not in written)
    return ended | tags_for_shown_post(post.pk, written)


def tags_for_shown_post(pk: int, written: Collection[str]) -> set[str]:
    """What readers see of a post wherever it is shown, after these columns were written."""
    if not set(written) & ON_LINKS:
        if not set(written) & ON_CARDS:
            return {cache_tags.post(pk)} if set(written) - UNSEEN else set()
        return {cache_tags.card(pk), cache_tags.post(pk)}
    return {cache_tags.link(pk), cache_tags.card(pk), cache_tags.post(pk)}


def tags_for_listed_post(post: Post, *, is_moved: bool) -> set[str]:
    """Every list that a post enters, leaves or has at another place; and itself.

    A post that is only moved to another place was in its lists before.
    """
    tags = {cache_tags.tag(pk) for pk in post.tags.values_list("pk", flat=True)}
    if tags and not is_moved:  # their first or last one, perhaps
        tags.add(cache_tags.TAGS)
    return (
        tags_for_shown_post(post.pk, ON_LINKS)
        | {cache_tags.POSTS, cache_tags.author(post.author_id), cache_tags.beside(post.pk)}
        | tags
        | tags_for_moment(post.published_at)
        | _tags_for_neighbours(post)
    )


def tags_for_moment(published_at: datetime | None) -> set[str]:
    """The archive of a moment's year and month."""
    if published_at is None:
        return set()
    month = month_of(published_at)
    return {cache_tags.period(month.year), cache_tags.period(month.year, month.month)}


def tags_for_removed_entries(removed: "Collection[Entry]", post: Post) -> set[str]:
    """The lists and times that a public post is not in any more.

    Names of lists are cache tags, but for that of the whole site, which would end every page.
    """
    ended = {entry.list for entry in removed} - {SITE}
    for at in {entry.published_at for entry in removed} - {post.published_at}:
        ended |= tags_for_moment(at)
    return ended


def _tags_for_neighbours(post: Post) -> set[str]:
    """Between whom a post appears; whoever led to it before ends with its link."""
    if not post.is_public:
        return set()
    others = Post.objects.published().only("pk").beside(post)
    return {cache_tags.beside(other.pk) for other in others}


def tags_for_links(post_pks: Iterable[int], tag_pks: Iterable[int]) -> set[str]:
    """Tags put on posts or taken off them; those of drafts are on no page."""
    public = Post.objects.published().filter(pk__in=post_pks).values_list("pk", flat=True)
    ended = {topic for pk in public for topic in tags_for_shown_post(pk, ON_CARDS)}
    return ended | {cache_tags.TAGS, *map(cache_tags.tag, tag_pks)} if ended else set()


def tags_for_deleted_post(
    pk: int, author_pk: int, tag_pks: Iterable[int], published_at: datetime | None
) -> set[str]:
    """Everything that showed a public post."""
    return (
        tags_for_shown_post(pk, ON_LINKS)
        | {
            cache_tags.POSTS,
            cache_tags.FEATURED,
            cache_tags.TAGS,
            cache_tags.AUTHORS,
            cache_tags.author(author_pk),
        }
        | {cache_tags.tag(tag_pk) for tag_pk in tag_pks}
        | tags_for_moment(published_at)
    )


_OF_PERSON = {"avatar": cache_tags.picture, "bio": cache_tags.bio, "website": cache_tags.bio}


def tags_for_person(pk: int, changed: Iterable[str]) -> set[str]:
    """What readers see of somebody, after these of their fields changed."""
    return {_OF_PERSON.get(field, cache_tags.name)(pk) for field in changed}


def tags_for_picture(shown_by: type[Any], name: str) -> set[str]:
    """The rows of a model that show a stored picture, which has its renditions now."""
    if shown_by is Post:
        pks = Post.objects.published().filter(image=name).values_list("pk", flat=True)
        return {topic for pk in pks for topic in tags_for_shown_post(pk, {"image_renditions"})}
    people = UserProfile.objects.filter(avatar=name).values_list("user_id", flat=True)
    return {cache_tags.picture(pk) for pk in people}
