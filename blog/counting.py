"""Derived numbers: counted anew from the facts, never added to."""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import Count, F, Max, Q

from accounts.models import UserProfile
from blog import cache_tags
from blog.models import Post, Tag
from pagecache import invalidate
from signalflow import note

PUBLIC = Q(posts__status=Post.Status.PUBLISHED)


@transaction.atomic
def recount_tags(ids: Iterable[int]) -> list[str]:
    """Make `post_count` of these tags true; returns a sentence for each that was not.

    Rows are locked in the order of their ids, then counted in a second statement: one
    statement would count from a snapshot older than the lock (PostgreSQL, READ COMMITTED),
    and another order would deadlock.
    """
    tags = list(Tag.objects.select_for_update().filter(pk__in=set(ids)).order_by("pk"))
    counts = dict(
        Tag.objects.filter(pk__in=[tag.pk for tag in tags])
        .annotate(found=Count("posts", filter=PUBLIC))
        .values_list("pk", "found")
    )
    findings = []
    for tag in tags:
        found = counts.get(tag.pk, 0)
        note("tag counted", tag=tag.name, count=found)
        if tag.post_count != found:
            findings.append(f"tag {tag.name}: {tag.post_count} posts counted, {found} found")
            Tag.objects.filter(pk=tag.pk).update(post_count=found)
    if findings:  # some pages were built since the change itself
        invalidate(cache_tags.TAGS, *(cache_tags.tag(tag.pk) for tag in tags))
    return findings


@transaction.atomic
def recount_author(user_id: int) -> list[str]:
    """Make an author's statistics true; as `recount_tags`."""
    UserProfile.objects.get_or_create(user_id=user_id)
    profile = UserProfile.objects.select_for_update().get(user_id=user_id)
    facts = (
        Post.objects.published()
        .filter(author_id=user_id)
        .aggregate(posts=Count("pk"), last=Max("published_at"))
    )
    note("author counted", author=user_id, count=facts["posts"])
    if (profile.post_count, profile.last_published_at) == (facts["posts"], facts["last"]):
        return []
    UserProfile.objects.filter(pk=profile.pk).update(
        post_count=facts["posts"], last_published_at=facts["last"]
    )
    invalidate(cache_tags.AUTHORS, cache_tags.author(user_id))
    return [f"author {user_id}: {profile.post_count} posts counted, {facts['posts']} found"]


def wrong_tags() -> dict[int, str]:
    """The tags whose count is not what the posts say: id and a sentence."""
    counted = Tag.objects.annotate(found=Count("posts", filter=PUBLIC)).exclude(
        found=F("post_count")
    )
    return {
        pk: f"tag {name}: {count} posts counted, {found} found"
        for pk, name, count, found in counted.values_list("pk", "name", "post_count", "found")
    }


def wrong_authors() -> dict[int, str]:
    """The authors whose statistics are not what the posts say: user id and a sentence."""
    counted = UserProfile.objects.annotate(
        found=Count("user__posts", filter=Q(user__posts__status=Post.Status.PUBLISHED)),
        last=Max("user__posts__published_at", filter=Q(user__posts__status=Post.Status.PUBLISHED)),
    )
    rows = counted.values_list("user_id", "post_count", "found", "last_published_at", "last")
    return {
        user_id: f"author {user_id}: {count} posts counted, {found} found"
        for user_id, count, found, noted, last in rows
        if (count, noted) != (found, last)
    }
