"""Ending what mails are sent for: seen from a link in one of them, and all of it at once."""

from dataclasses import dataclass, field

from django.db import transaction
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.services import preferences_of, update_preferences
from listeners.notifications.models import Message, Subscription
from listeners.notifications.subscribing import unsubscribe

OWN_MAILS = {"comment_approved"}  # the kinds that an account's preferences can end


@dataclass(frozen=True, slots=True)
class Link:
    """Whose link it is, and what the mail it stands in was sent for."""

    email: str
    subscriptions: list[int]
    own: bool = False  # mails to an account about its own posts and comments


@dataclass(slots=True)
class Standing:
    """In words: what the link's mail was sent for and is over, or not; and what else goes on."""

    email: str
    ended: list[str] = field(default_factory=list)
    here: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)


def link_of(token: str) -> Link | None:
    """What a token stands for: a mail ("17.secret"), or in older mails a single subscription."""
    pk, dot, secret = token.partition(".")
    if not dot:
        row = Subscription.objects.filter(token=token).first()
        return Link(row.email, [row.pk]) if row else None
    if not (pk.isascii() and pk.isdecimal() and len(pk) < 19 and secret):
        return None
    message = Message.objects.filter(pk=pk).first()
    if message is None or not constant_time_compare(message.token, secret):
        return None
    own = message.kind in OWN_MAILS and "user" in message.data
    return Link(message.recipient, message.data.get("subscriptions", []), own)


def standing(link: Link) -> Standing:
    """How it stands now; changes nothing."""
    told = Standing(link.email)
    for row in _subscriptions(link):
        mine = row.pk in link.subscriptions
        if row.is_active:
            (told.here if mine else told.elsewhere).append(row.label)
        elif mine:
            told.ended.append(row.label)
    for user in _accounts(link):
        label = _("your own posts and comments")
        if preferences_of(user).email_notifications:
            (told.here if link.own else told.elsewhere).append(label)
        elif link.own:
            told.ended.append(label)
    return told


@transaction.atomic
def leave(link: Link, *, everything: bool = False) -> Standing:
    """End all that this mail was sent for, or everything its address is told of.

    Again is harmless.  Returns how it stands afterwards.
    """
    for row in _subscriptions(link):
        if everything or row.pk in link.subscriptions:
            unsubscribe(row.token)
    for user in _accounts(link) if everything or link.own else ():
        update_preferences(user, email_notifications=False)
    return standing(link)


def _subscriptions(link: Link) -> list[Subscription]:
    return list(Subscription.objects.filter(email=link.email.lower()).order_by("pk"))


def _accounts(link: Link) -> list[User]:
    return list(User.objects.filter(email__iexact=link.email, is_active=True))
