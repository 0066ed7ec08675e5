"""What the blog announces.  Every signal is sent inside the transaction of its change."""

from datetime import datetime

from django.dispatch import Signal

from signalflow import DomainSignal

publish_requested = Signal()
"""Somebody wants to publish or schedule a post: is there anything against it?

A question, sent before the transaction with `post`.  Receivers return a list of sentences, one
per problem, or None; any problem refuses the act.  An exception refuses it too.
"""

deletion_asked = Signal()
"""Somebody looks at what deleting a post would take along.

A question, sent outside any transaction with `post`.  Receivers return a list of phrases such
as "12 comments", or None.  An exception stops the page, and nothing else.
"""

post_published = DomainSignal(
    """A post became public.

    Once per transition, whoever made it: author, editor, bulk act or cron.  `publish_date` is
    the date readers see; for a scheduled post the planned moment.  An exception undoes it.
    """,
    post="blog.Post",
    author="accounts.User",
    publish_date=datetime,
)

post_unpublished = DomainSignal(
    "A public post was withdrawn.  An exception undoes it.",
    post="blog.Post",
    author="accounts.User",
)

post_scheduled = DomainSignal(
    "A post got a moment to be published at, or another one.  An exception undoes it.",
    post="blog.Post",
    author="accounts.User",
    publish_at=datetime,
)

post_unscheduled = DomainSignal(
    "A scheduled post went back to being a draft.  An exception undoes it.",
    post="blog.Post",
    author="accounts.User",
)

scheduled_publication_failed = DomainSignal(
    """A post was due, and publishing it failed; cron tries again every minute.

    Sent once per series of failures, in a transaction of its own.
    """,
    post="blog.Post",
    reason=str,
)

post_created = DomainSignal(
    "Somebody began a post.  An exception undoes it.",
    post="blog.Post",
    author="accounts.User",
)

post_edited = DomainSignal(
    """The text, title, address, image or tags of a post changed.

    A save that changed nothing is silent.  `changed_fields` names what changed ("slug" is the
    address).  An exception undoes it.
    """,
    post="blog.Post",
    editor="accounts.User | None",
    changed_fields=list,
)

post_imported = DomainSignal(
    """A post came in from another system, in whatever state it had there.

    Sent instead of `post_published`: derived data must follow, but nobody is told.
    """,
    post="blog.Post",
)

post_featured = DomainSignal(
    "A post got a place at the top of the home page.  An exception undoes it.",
    post="blog.Post",
    featured_by="accounts.User | None",
    featured_at=datetime,
)

post_unfeatured = DomainSignal(
    "A post lost its place at the top of the home page.  An exception undoes it.",
    post="blog.Post",
    unfeatured_by="accounts.User | None",
)

post_handed_over = DomainSignal(
    "A post got another author.  An exception undoes it.",
    post="blog.Post",
    old_author="accounts.User",
    new_author="accounts.User",
)

post_deleted = DomainSignal(
    """A post is gone, directly or by a cascade.  Plain values: there is no row to look at.

    `tag_ids` were read under the row's lock before the deletion; `published_at` is None for what
    was never public.
    """,
    post_id=int,
    title=str,
    published_at=datetime | None,
    author_id=int,
    tag_ids=list,
    was_public=bool,
)

post_tags_changed = DomainSignal(
    """Tags were put on posts or taken off them, from whichever side.

    `m2m_changed` with its directions and actions sorted out: the ids on both ends of every
    link that appears or disappears.
    """,
    post_ids=list,
    tag_ids=list,
)

pages_outdated = DomainSignal(
    """Readers will see something else on every page that depends on one of these cache tags.

    Sent inside the transaction of the change, by `pagecache.invalidate`, where the tags are known
    by then.  An exception undoes the change.  After the
    commit `pagecache.pages_invalidated` follows.
    """,
    tags=list,
)


social_image_changed = DomainSignal(
    """A post has another drawn image for shared links, or none any more.

    Sent inside the transaction that writes its name, after the file was written.
    """,
    post="blog.Post",
)


class CustomSignals:
    """The signals under one name, for discovery; the same objects as above."""

    publish_requested = publish_requested
    deletion_asked = deletion_asked
    post_published = post_published
    post_unpublished = post_unpublished
    post_scheduled = post_scheduled
    post_unscheduled = post_unscheduled
    scheduled_publication_failed = scheduled_publication_failed
    post_created = post_created
    post_edited = post_edited
    post_imported = post_imported
    post_featured = post_featured
    post_unfeatured = post_unfeatured
    post_handed_over = post_handed_over
    post_deleted = post_deleted
    post_tags_changed = post_tags_changed
    social_image_changed = social_image_changed
    pages_outdated = pages_outdated
