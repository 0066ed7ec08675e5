"""The site the benchmark brings: people, tags, drafts and subscribers, the same at every run."""

from collections.abc import Iterable
from itertools import count

from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone

from accounts.models import User, UserProfile
from blog.models import Post, Tag
from blog.rendering.pipeline import render_post
from listeners.notifications.models import Subscription

BODY = "A mirror sends the sun's light across the valley. " * 200  # about 1,800 words
TAGS = ["sun", "mirror", "code"]

_numbers = count()


def visitor() -> Client:
    """A browser at the address the real settings expect."""
    return Client(SERVER_NAME="127.0.0.1")


def author(name: str, subscribers: int = 0) -> User:
    """Somebody who may publish, with so many readers who want to be told."""
    user = User.objects.create_user(name, f"{name}@example.org")
    user.groups.add(Group.objects.get(name="Author"))
    UserProfile.objects.get_or_create(user=user)
    now = timezone.now()
    Subscription.objects.bulk_create(
        (
            Subscription(
                email=f"reader{number}@{name}.example",
                target=f"author:{user.pk}",
                label=name,
                confirmed_at=now,
            )
            for number in range(subscribers)
        ),
        batch_size=1000,
    )
    return User.objects.get(pk=user.pk)


def written(
    number: int, by: User | None = None, tags: Iterable[str] = (), **fields: object
) -> list[Post]:
    """So many posts, written without any signal."""
    by = by or User.objects.first() or author("ursula")  # a name that no row takes
    html, rows = render_post(BODY), []
    for _ in range(number):
        n = next(_numbers)
        rows.append(
            Post(
                author=by, title=f"Post {n}", slug=f"post-{n}", body=BODY, body_html=html, **fields
            )
        )
    posts = Post.objects.bulk_create(rows)
    links = Post.tags.through
    links.objects.bulk_create(
        links(post_id=post.pk, tag_id=tag.pk) for post in posts for tag in Tag.find_or_create(tags)
    )
    return posts
