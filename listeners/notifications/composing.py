"""From an outbox row to a mail."""

from email.header import Header
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils.text import Truncator

from accounts.text import short_site_name
from blog.addresses import absolute
from listeners.notifications.kinds import Content
from listeners.notifications.models import Message, Subscription

SUBJECT_LENGTH = 150  # characters; longer ones are folded badly by many readers
JOINERS = "\u200c\u200d"


def compose(message: Message, content: Content) -> EmailMultiAlternatives:
    """The mail of one outbox row: one recipient, text and HTML, the same id at every attempt."""
    ends = content.subscription is not None or content.can_end
    unsubscribe = absolute(message.unsubscribe_path()) if ends else ""
    context = {
        "SITE_NAME": settings.SITE_NAME,
        "SITE_URL": settings.SITE_URL,
        "reasons": message.reasons,
        "unsubscribe_url": unsubscribe,
        **content.context,
    }
    # The subject and the text part are no HTML: their templates turn autoescape off.
    mail = EmailMultiAlternatives(
        subject=_one_line(
            _render(message, "subject.txt", {**context, "SITE_NAME": short_site_name()})
        ),
        body=_render(message, "txt", context).strip() + "\n",
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[message.recipient],
        headers=_headers(message, content.subscription, unsubscribe),
    )
    mail.attach_alternative(_render(message, "html", context), "text/html")
    return mail


def _render(message: Message, part: str, context: dict[str, Any]) -> str:
    return render_to_string(f"emails/{message.kind}.{part}", context)


def _one_line(text: str) -> str:
    """A subject no title can break out of: line ends of every kind become spaces.

    What joins letters and emoji stays; what a mail program would decode (RFC 2047) does not.
    """
    kept = "".join(sign if sign.isprintable() or sign in JOINERS else " " for sign in text)
    line = " ".join(kept.replace("=?", "= ?").split())
    return Truncator(line).chars(SUBJECT_LENGTH)


def _phrase(text: str) -> str:
    """A name before an address in angle brackets, which must stay readable beside it."""
    if text.isascii():
        return '"' + text.translate({ord('"'): None, ord("\\"): None}) + '"'
    return Header(text, "utf-8").encode(linesep="")


def _headers(
    message: Message, subscription: Subscription | None, unsubscribe: str
) -> dict[str, str]:
    """`Message-ID`, and for subscribers the List-* headers of RFC 2369, 2919 and 8058."""
    host = urlsplit(settings.SITE_URL).hostname
    headers = {
        "Message-ID": f"<{message.message_id.hex}@{host}>",
        "Auto-Submitted": "auto-generated",
    }
    if subscription:
        name = _phrase(_one_line(settings.SITE_NAME))
        headers |= {
            "List-ID": f"{name} <{subscription.target.replace(':', '-')}.{host}>",
            "List-Unsubscribe": f"<{unsubscribe}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        }
    return headers
