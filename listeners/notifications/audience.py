"""Who is told of what, and why: each person once, with every reason."""

from collections.abc import Iterator
from itertools import groupby

from allauth.account.models import EmailAddress
from django.utils.translation import ngettext

from accounts.models import User
from blog.models import Post
from comments.models import Comment
from listeners.notifications.models import Message, Subscription
from listeners.notifications.outbox import Recipient

CHUNK = 1000  # subscriptions read at a time


def targets_of(post: Post) -> list[str]:
    """Everything a subscriber may follow that leads to this post."""
    tags = [f"tag:{pk}" for pk in post.tags.values_list("pk", flat=True)]
    return ["site", f"author:{post.author_id}", *tags]


def publication_of(post: Post) -> str:
    """The event of a post's publication: one for its whole life, however often it is repeated."""
    return f"post:{post.pk}:published"


def count_recipients(post: Post) -> int:
    """How many people follow something of this post and have had no mail about it yet."""
    people = Subscription.objects.active().filter(target__in=targets_of(post))
    told = Message.objects.filter(event=publication_of(post)).exclude(
        state__in=[Message.State.CANCELLED, Message.State.QUEUED]
    )
    fresh = people.exclude(email__in=told.values("recipient"))
    return fresh.values("email").distinct().count()


def subscribers(targets: list[str]) -> Iterator[list[Recipient]]:
    """The people behind active subscriptions, in chunks; nobody is in two of them.

    Read by address, not by offset, so that chunk 100 costs no more than the first one.
    """
    rows = Subscription.objects.active().filter(target__in=targets).order_by("email", "pk")
    last = ""
    while True:
        chunk = list(rows.filter(email__gt=last)[: CHUNK + len(targets)])
        people = [
            Recipient(
                email,
                [f"You follow {row.label}." for row in theirs],
                {"subscriptions": [row.pk for row in theirs]},
            )
            for email, group in groupby(chunk, key=lambda row: row.email)
            for theirs in [list(group)]
        ]
        if len(chunk) < CHUNK + len(targets):
            yield people
            return
        people.pop()  # the last one's subscriptions may go on in the next chunk
        last = people[-1].email
        yield people


def _user(user: User | None, reason: str) -> list[Recipient]:
    if user is None or not user.is_active or not user.email:
        return []
    return [Recipient(user.email, [reason], {"user": user.pk})]


def is_confirmed(address: str) -> bool:
    """Whether its owner proved this address for an account; whoever subscribed did as well."""
    return EmailAddress.objects.filter(email__iexact=address, verified=True).exists()


def of_approved_comment(comment: Comment) -> list[Recipient]:
    """The commenter, the post's author, the one who is answered, and who follows the thread."""
    people = _user(comment.author, "You wrote this comment.")
    people += _user(comment.post.author, "You wrote the post.")
    if comment.parent:
        people += _user(comment.parent.author, "It answers your comment.")
    for chunk in subscribers([f"thread:{comment.post_id}"]):
        people += chunk
    return people


def losses_of(post: Post) -> list[str]:
    """What its readers lose with a post, in words: mails that wait, and whom they follow."""
    waiting = Message.objects.filter(
        event=publication_of(post), state__in=[Message.State.QUEUED, Message.State.FAILED]
    ).count()
    followers = Subscription.objects.active().filter(target=f"thread:{post.pk}").count()
    mails = ngettext(
        "%d mail about it that has not left yet",
        "%d mails about it that have not left yet",
        waiting,
    )
    following = ngettext(
        "the conversation that %d person follows by mail",
        "the conversation that %d people follow by mail",
        followers,
    )
    return [said % n for said, n in ((mails, waiting), (following, followers)) if n]
