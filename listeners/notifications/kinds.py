"""Each kind of mail: whether it is still wanted when its turn comes, and what it says."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.urls import reverse
from django.utils import timezone

from accounts.mails import is_outdated
from accounts.models import User
from accounts.services import preferences_of
from blog.addresses import absolute
from blog.models import Post
from comments.models import Comment
from listeners.notifications.audience import is_confirmed
from listeners.notifications.models import Message, Subscription


@dataclass(slots=True)
class Content:
    """What the templates of a mail get; `subscription` names the list it belongs to, if any."""

    context: dict[str, Any] = field(default_factory=dict)
    subscription: Subscription | None = None
    can_end: bool = False  # personal, and yet its footer may end it


def _active_subscription(message: Message) -> Subscription | None:
    ids = message.data.get("subscriptions", [])
    return Subscription.objects.active().filter(pk__in=ids).order_by("pk").first()


def _post_published(message: Message) -> Content | None:
    post = (
        Post.objects.published()
        .select_related("author__profile")
        .filter(pk=message.data["post"])
        .first()
    )
    subscription = _active_subscription(message)
    if post is None or subscription is None:
        return None
    return Content({"post": post, "url": absolute(post.get_absolute_url())}, subscription)


def _comment_approved(message: Message) -> Content | None:
    comment = (
        Comment.objects.approved().select_related("post").filter(pk=message.data["comment"]).first()
    )
    if comment is None:
        return None
    user = User.objects.filter(pk=message.data.get("user"), is_active=True).first()
    subscription = _active_subscription(message)
    wants = user is not None and preferences_of(user).email_notifications
    if not wants and subscription is None:
        return None
    context = {
        "comment": comment,
        "post": comment.post,
        "url": absolute(comment.get_absolute_url()),
        "is_commenter": user is not None and user.pk == comment.author_id,
    }
    return Content(context, subscription, can_end=True)


def _person(message: Message) -> User | None:
    return User.objects.filter(pk=message.data["user"], is_active=True).first()


def _welcome(message: Message) -> Content | None:
    user = _person(message)
    return Content({"person": user.public_name, "url": absolute("/")}) if user else None


def _email_changed(message: Message) -> Content | None:
    user = _person(message)
    if user is None:
        return None
    return Content({"person": user.public_name, "new": message.data["new"]})


def _account_notice(message: Message) -> Content | None:
    """A mail about what gives access to an account; the address it may be about is in `data`."""
    user = _person(message)
    if user is None:
        return None
    return Content({"person": user.public_name, "address": message.data.get("address", "")})


def _confirm_subscription(message: Message) -> Content | None:
    row = Subscription.objects.filter(
        pk=message.data["subscription"], confirmed_at=None, ended_at=None
    ).first()
    if row is None:
        return None
    link = absolute(reverse("confirm-subscription", args=[row.token]))
    return Content({"label": row.label, "url": link})


def _account(message: Message) -> Content | None:
    """Written when it was asked for; a link that leads nowhere any more is not worth a mail."""
    written = message.secret
    if is_outdated(message.data["about"], written["key"]):
        return None
    return Content({"subject": written["subject"], "text": written["text"]})


KINDS: dict[str, Callable[[Message], Content | None]] = {
    "post_published": _post_published,
    "comment_approved": _comment_approved,
    "welcome": _welcome,
    "email_changed": _email_changed,
    "password_changed": _account_notice,
    "address_added": _account_notice,
    "address_removed": _account_notice,
    "confirm_subscription": _confirm_subscription,
    "account": _account,
}


# They ask for the confirmation, or answer whoever typed the address just now.
TO_ANY_ADDRESS = {"account", "confirm_subscription"}


def content_of(message: Message) -> Content | None:
    """What to write, or None if this mail should not be sent any more.

    Nothing else goes to an address that nobody confirmed, whatever its kind: it may be that of
    a stranger.  An active subscription is a confirmed one; an address that an account had may
    be gone from it by now, so whoever queues a mail to such a one says that it was confirmed.
    """
    if message.expires_at is not None and message.expires_at <= timezone.now():
        return None
    content = KINDS[message.kind](message)
    if content is None or content.subscription or message.kind in TO_ANY_ADDRESS:
        return content
    proven = message.data.get("was_confirmed") or is_confirmed(message.recipient)
    return content if proven else None
