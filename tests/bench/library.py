"""Libraries to read in: the same posts at every run, as many as wanted, written without a signal.

`python -m tests.bench.library 10000 500` fills the new site of DATA_DIR (or DATABASE_URL) with
10,000 posts, and 500 comments under one of them.
"""

import os
import random
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

if __name__ == "__main__":
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()

from django.core.management import call_command
from django.db import connection

from accounts.models import User, UserProfile
from blog.listing import entries
from blog.listing.counts import count_posts
from blog.listing.names import of_author, of_tag
from blog.models import Post, Tag
from blog.rendering.pipeline import VERSION, plain_text, render_post
from comments.models import Comment
from listeners.search.models import Document

BEGUN, YEARS = datetime(2016, 1, 1, tzinfo=UTC), 10
TEXTS, WORDS, AUTHORS, TAGS = 8, 1_000, 20, 200
POPULAR = 0.3  # the share of posts that carry the tag "popular"
RARE = 20  # posts of the tag "rare", the oldest ones
INDEXED = 200  # words of each post that search knows: the index of 100,000 is made in seconds
CHUNK = 2_000
TALK = {10: 20, 11: 100}  # under the post of this number stand so many comments
SYLLABLES = ["ba", "ke", "li", "mo", "nu", "ra", "se", "ti", "vo", "wa", "zi", "lo", "ne", "du"]


def text(chance: random.Random) -> str:
    """About 1,000 words of Markdown with headings, links and emphasis."""

    def word() -> str:
        return "".join(chance.choices(SYLLABLES, k=chance.randint(1, 4)))

    parts = []
    for number in range(WORDS // 100):
        words = [word() for _ in range(97)]
        words[10], words[50] = f"*{words[10]}*", f"[{words[50]}](https://example.org/{number})"
        parts.append(f"## {word().title()} {word()}\n\n{' '.join(words)}.")
    return "\n\n".join(parts)


def people() -> list[int]:
    User.objects.bulk_create(
        User(username=f"author{n}", email=f"author{n}@example.org", first_name=f"Author {n}")
        for n in range(AUTHORS)
    )
    keys = list(User.objects.order_by("pk").values_list("pk", flat=True))
    UserProfile.objects.bulk_create(UserProfile(user_id=key) for key in keys)
    return keys


def posts(count: int, authors: list[int], texts: list[tuple[str, str]]) -> Iterator[Post]:
    chance, step = random.Random(1855), timedelta(days=365 * YEARS) / count
    for n in range(count):
        body, html = texts[n % TEXTS]
        yield Post(
            title=f"Post {n} about {''.join(chance.choices(SYLLABLES, k=3))}",
            slug=f"post-{n}",
            summary=f"What was seen on day {n}.",
            body=body,
            body_html=html,
            renderer=VERSION,
            author_id=chance.choice(authors),
            status="published",
            published_at=BEGUN + step * n,
        )


def labels(n: int, chance: random.Random, tags: dict[str, int]) -> set[int]:
    """The tags of the nth post."""
    found = {tags[f"tag-{chance.randrange(TAGS)}"] for _ in range(2)}
    if chance.random() < POPULAR:
        found.add(tags["popular"])
    if n < RARE:
        found.add(tags["rare"])
    return found


def document(post: Post, n: int, words: str) -> Document:
    """What search knows: each "rare" word is in twenty posts, each "word" in a fiftieth."""
    body = f"{words} word{n % 50} rare{n // 20}"
    return Document(post_id=post.pk, title=post.title, summary=post.summary, body=body)


def fill(count: int, talk: int = 0) -> None:
    """So many public posts with all that belongs to them, one of them with so many comments."""
    chance = random.Random(1794)
    texts = [(body, render_post(body)) for body in (text(chance) for _ in range(TEXTS))]
    words = [" ".join(plain_text(html).split()[:INDEXED]) for _, html in texts]
    names = ["popular", "rare", *(f"tag-{n}" for n in range(TAGS))]
    Tag.objects.bulk_create(Tag(name=name, slug=name) for name in names)
    tags = dict(Tag.objects.values_list("slug", "pk"))
    link: Any = Post.tags.through
    source, n = posts(count, people(), texts), 0
    while chunk := Post._base_manager.bulk_create(list(islice(source, CHUNK))):
        pairs = [(post, tag) for k, post in enumerate(chunk) for tag in labels(n + k, chance, tags)]
        link.objects.bulk_create(link(post_id=post.pk, tag_id=tag) for post, tag in pairs)
        Document.objects.bulk_create(
            document(post, k, words[k % TEXTS]) for k, post in enumerate(chunk, n)
        )
        entries.list_posts(post.pk for post in chunk)
        n += len(chunk)
    for number, size in {**TALK, 12: talk}.items():
        converse(Post.objects.get(slug=f"post-{number}"), size)
    count_all()


def converse(post: Post, size: int) -> None:
    """Comments in thread order, each third one an answer to the one before it."""
    first = (Comment.objects.order_by("-pk").values_list("pk", flat=True).first() or 0) + 1
    rows = (
        Comment(
            pk=first + n,
            post=post,
            author_name=f"Reader {n}",
            body="I saw it too, from the other side of the valley.",
            body_html="<p>I saw it too, from the other side of the valley.</p>\n",
            status=Comment.Status.APPROVED,
            path=f"{first + n - 1:010d}{first + n:010d}" if n % 3 == 2 else f"{first + n:010d}",
        )
        for n in range(size)
    )
    while chunk := list(islice(rows, CHUNK)):
        Comment._base_manager.bulk_create(chunk)
    Post._base_manager.filter(pk=post.pk).update(comment_count=size)


def count_all() -> None:
    for tag in Tag.objects.all():
        Tag.objects.filter(pk=tag.pk).update(post_count=count_posts(of_tag(tag.pk)))
    for profile in UserProfile.objects.all():
        number = count_posts(of_author(profile.user_id))
        UserProfile.objects.filter(pk=profile.pk).update(post_count=number)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


if __name__ == "__main__":
    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    fill(*map(int, sys.argv[1:]))
