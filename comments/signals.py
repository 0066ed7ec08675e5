"""What the conversations announce.  Every signal is sent inside the transaction of its change."""

from datetime import datetime

from django.dispatch import Signal

from signalflow import DomainSignal

comment_submitted = DomainSignal(
    "A comment came in and waits for a moderator.  An exception undoes it.",
    comment="comments.Comment",
    post="blog.Post",
)

comment_approved = DomainSignal(
    """A moderator made a comment public.

    Once per transition: the second of two moderators changes nothing and sends nothing.  An
    exception undoes it.
    """,
    comment="comments.Comment",
    moderator="accounts.User | None",
    approval_date=datetime,
)

comment_rejected = DomainSignal(
    """A moderator called a comment spam, or put it in the trash.

    `verdict` is the new status, `was_public` whether readers could see it before.  An exception
    undoes it.
    """,
    comment="comments.Comment",
    moderator="accounts.User | None",
    verdict=str,
    was_public=bool,
)

comment_imported = DomainSignal(
    "A comment came in from another system with the state it had there; nobody is told.",
    comment="comments.Comment",
)

comment_deleted = DomainSignal(
    "A comment is gone, directly or with its post.  Plain values: there is no row to look at.",
    comment_id=int,
    post_id=int,
)

notices_asked = Signal()
"""A moderator meets another's verdict on `comment`: who was told of its approval?

A question, sent outside any transaction.  Receivers answer with a sentence, or None; an
exception is logged.  A plain signal: asking leaves no trace.
"""


class CustomSignals:
    """The signals under one name, for discovery; the same objects as above."""

    comment_submitted = comment_submitted
    comment_approved = comment_approved
    comment_rejected = comment_rejected
    comment_imported = comment_imported
    comment_deleted = comment_deleted
