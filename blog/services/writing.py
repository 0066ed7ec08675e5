"""Writing and removing posts.  Rendering and image work come before the transaction."""

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.text import slugify

from blog.models import BODY_LENGTH, OldSlug, Post, Revision, Tag, free_slug
from blog.policies import can_delete, can_edit, can_publish, can_write, require
from blog.rendering import pipeline
from blog.services.refusals import Refused, StaleVersion
from blog.services.rows import lock_post, save
from blog.services.slugs import change_slug, save_text
from blog.signals import post_created, post_edited, post_handed_over, post_imported
from media.files import store_measured
from media.signals import image_chosen
from signalflow import action

SEARCH = {"search_title", "search_description", "is_unlisted", "canonical_url"}
EDITABLE = {"title", "summary", "body", "image", "image_alt", "comments_open", "slug", *SEARCH}
# No reader would call these a change.
DERIVED = {"body_html", "renderer", "reading_minutes", "image_renditions"}
IMPORTABLE = {*EDITABLE, "status", "published_at", "publish_at", "created_at", "source"}


def create_post(author: Any, *, tags: Iterable[Tag | str] = (), **fields: Any) -> Post:
    """Begin a draft.

    `fields` are those of EDITABLE; without a slug it comes from the title.  `tags` are tags or
    names, and a name that is new becomes a tag together with the post.  Raises PermissionDenied
    if `author` may not write, ValidationError for a value that does not fit.
    """
    require(can_write(author), "You may not write posts.")
    post = Post(author=author, **_prepared(fields, EDITABLE))
    with action("create", actor=author):
        _insert(post, list(tags))
    return post


def import_post(author: Any, *, tags: Iterable[Tag | str] = (), **fields: Any) -> Post:
    """Bring in a post from elsewhere with its own state, dates and slug; nobody is told.

    `source` names the item uniquely; a second import of it raises IntegrityError.
    """
    post = Post(author=author, **_prepared(fields, IMPORTABLE))
    with transaction.atomic():
        _insert(post, list(tags), announce=False)
        post_imported.send(sender=Post, post=post)
    return post


def _prepared(fields: dict[str, Any], allowed: set[str]) -> dict[str, Any]:
    """The values to write, with the body rendered and a new image stored."""
    if unknown := sorted(fields.keys() - allowed):
        raise TypeError(f"cannot set {', '.join(unknown)} here")
    fields = {
        name: pipeline.storable(value) if isinstance(value, str) else value
        for name, value in fields.items()
    }
    if "slug" in fields:
        fields["slug"] = slugify(fields["slug"], allow_unicode=True)
        if not fields["slug"]:  # nothing was asked for
            del fields["slug"]
    if len(fields.get("body", "")) > BODY_LENGTH:
        raise ValidationError({"body": f"A post may have up to {BODY_LENGTH:,} characters."})
    if "body" in fields:
        fields |= pipeline.derived_from(fields["body"])
    if "image" in fields:
        fields |= store_measured(Post, "image", fields["image"])
    return fields


def _insert(post: Post, named: list[Tag | str], *, announce: bool = True) -> None:
    wanted = post.slug or post.title
    for attempt in range(5):
        # Two authors may choose the same title at the same moment: the slug is unique, the
        # second one takes the next free number.
        post.slug = free_slug([Post.objects.all(), OldSlug.objects.all()], wanted)
        try:
            with transaction.atomic():
                post.full_clean(validate_constraints=False, validate_unique=False)
                post.save(force_insert=True)
                tags = _resolved(named)
                post.tags.set(tags)
                _keep_revision(post, tags, post.author)
                if post.image:
                    image_chosen.send(sender=Post, name=post.image.name)
                if announce:
                    post_created.send(sender=Post, post=post, author=post.author)
        except IntegrityError:
            taken = Post.objects.filter(slug=post.slug).exclude(pk=post.pk).exists()
            if attempt == 4 or not taken:
                raise
            post.pk = None
        else:
            return


def _resolved(tags: Iterable[Tag | str]) -> list[Tag]:
    """Tags, with names looked up or made: inside the transaction, so a refused save makes none."""
    found = [[tag] if isinstance(tag, Tag) else Tag.find_or_create([tag]) for tag in tags]
    return list(dict.fromkeys(tag for few in found for tag in few))


def edit_post(
    post: Post, *, by: Any, version: int, tags: Iterable[Tag | str] | None = None, **fields: Any
) -> list[str]:
    """Save a changed text.

    1. `by` may edit it, or PermissionDenied. 2. Body and image are prepared. 3. The row is
    locked; a save that began from another `version` raises StaleVersion and writes nothing.
    4. A new slug that another post has or had is Refused; the old one leads to the post from
    now on. 5. What differs is written, with a revision. 6. `post_edited` is sent.  Returns the
    names of what changed; nothing changed, nothing is sent.
    """
    require(can_edit(by, post), "You may not edit this post.")
    prepared = _prepared(fields, EDITABLE)
    with lock_post(post, "edit", by) as row:
        if row.version != version:
            raise StaleVersion(row)
        changed = [name for name, value in prepared.items() if getattr(row, name) != value]
        if "slug" in changed:
            change_slug(row, prepared["slug"])
        for name in changed:
            setattr(row, name, prepared[name])
        wanted = None if tags is None else _resolved(tags)
        retagged = wanted is not None and set(wanted) != set(row.tags.all())
        visible = [name for name in changed if name not in DERIVED]
        if visible or retagged:
            row.version += 1
            row.full_clean(validate_constraints=False, validate_unique=False)
            save_text(row, changed)
        elif changed:  # a newer renderer: the same text, of the same date
            row.save(update_fields=changed)
        if "image" in changed and row.image:
            image_chosen.send(sender=Post, name=row.image.name)
        if retagged and wanted is not None:
            row.tags.set(wanted)
            visible.append("tags")
        if visible:
            _keep_revision(row, list(row.tags.all()), by)
            post_edited.send(sender=Post, post=row, editor=by, changed_fields=visible)
    for name in changed:
        setattr(post, name, getattr(row, name))
    return visible


def _keep_revision(post: Post, tags: list[Tag], editor: Any) -> None:
    Revision.objects.create(
        post=post,
        number=post.version,
        title=post.title,
        summary=post.summary,
        body=post.body,
        tag_names=[tag.name for tag in tags],
        editor=editor,
    )


def hand_over(post: Post, *, by: Any, to: Any) -> bool:
    """Give a post to another author.  Returns False if it is theirs already.

    An author may publish their post, so only those who may do that themselves give it away.
    """
    allowed = by is None or (by.has_perm("blog.change_post") and can_publish(by, post))
    require(allowed, "Only editors can give a post to another author.")
    if not can_write(to):
        raise Refused(f"{to.username} may not write posts.")
    with lock_post(post, "hand over", by) as row:
        old = row.author
        if old.pk == to.pk:
            return False
        row.author = to
        save(row, "author")
        post_handed_over.send(sender=Post, post=row, old_author=old, new_author=to)
    post.author = to
    return True


def delete_post(post: Post, *, by: Any) -> None:
    """Remove a post with its comments and revisions.  Raises PermissionDenied, Refused."""
    require(can_delete(by, post), "You may not delete this post.")
    with lock_post(post, "delete", by) as row:
        Post.objects.filter(pk=row.pk).delete()
