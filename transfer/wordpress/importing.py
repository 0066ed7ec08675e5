"""One file, item by item: each post and each comment in a transaction of its own.

What came in once is known by its `source` and left as it is, so a run that was interrupted is
simply started again.
"""

import logging
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from blog.models import Post
from blog.services import Refused, feature, import_post
from signalflow import action
from transfer.text import plain, reason
from transfer.wordpress import conversation, reader
from transfer.wordpress.people import People, source_of
from transfer.wordpress.records import SourceItem
from transfer.wordpress.report import Line, Report
from transfer.wordpress.texts import tag_names, texts_of

logger = logging.getLogger("heliograph")

Status = Post.Status
STATES = {
    "publish": Status.PUBLISHED,
    "future": Status.SCHEDULED,
    "draft": Status.DRAFT,
    "pending": Status.DRAFT,
    "auto-draft": Status.DRAFT,
    "private": Status.PRIVATE,
}
LEFT_OUT = {
    "attachment": "media are not copied",
    "nav_menu_item": "menus belong to a theme",
}


def import_file(
    path: Path, progress: Callable[[int, int], Any] = lambda *_: None, *, dry_run: bool = False
) -> Report:
    """Bring in a WXR file; raises reader.NotReadable before anything is written.

    A dry run does the same and takes each item back again.
    """
    run = _Import(reader.examine(path))
    with action("import_wordpress"):
        for number, item in enumerate(reader.items(path), 1):
            with transaction.atomic() if dry_run else nullcontext():
                run.take(item)
                if dry_run:
                    transaction.set_rollback(True)
                    run.people.forget()
            progress(number, run.header.items)
    run.report.authors = list(run.people.made)
    return run.report


class _Import:
    """One run over one file."""

    def __init__(self, header: reader.Header) -> None:
        self.header = header
        self.people = People(header.people)
        self.report = Report()
        self._seen: set[str] = set()

    def take(self, item: SourceItem) -> None:
        """Import one item and report on it; its failure is its own."""
        line = Line(f"{item.kind or 'item'} {item.id} “{plain(item.title)[:60]}”", "failed")
        self.report.lines.append(line)
        try:
            line.outcome = self._bring_in(item, line)
        except Exception as error:  # the boundary between one item and the next
            logger.info("item %s was not imported", item.id, exc_info=error)
            line.notes.append(reason(error))
            self.report.comments["left out"] += len(item.comments)

    def _bring_in(self, item: SourceItem, line: Line) -> str:
        """Returns what became of the item."""
        source = source_of(self.header.site, item.id)
        if reason := self._reason_against(item, source):
            line.notes.append(reason)
            self.report.comments["left out"] += len(item.comments)
            return "left out"
        self._seen.add(source)
        post = Post.objects.filter(source=source).first()
        outcome = "already here" if post else "imported"
        if post is None:
            post = self._import_post(item, source, line)
        conversation.bring_in(
            item.comments, post, self.header.site, self.report.comments, line.notes
        )
        return outcome

    def _reason_against(self, item: SourceItem, source: str) -> str:
        if item.kind not in {"post", "page"} or item.status not in STATES:
            state = item.status or "?"
            return LEFT_OUT.get(item.kind, f"a {item.kind or 'thing'} in state {state}")
        return "an earlier item of the file has this number" if source in self._seen else ""

    def _import_post(self, item: SourceItem, source: str, line: Line) -> Post:
        texts = texts_of(item, self.header.pictures)
        line.notes += texts.notes
        line.images = texts.images
        status = _status(item, line.notes)
        dated = item.date or timezone.now() if status == Status.PUBLISHED else item.date
        post = import_post(
            self.people.author(item.login),
            tags=tag_names(item),
            source=source,
            title=texts.title,
            slug=texts.slug,
            summary=texts.summary,
            body=texts.body,
            status=status,
            comments_open=item.comments_open,
            created_at=min(item.date or timezone.now(), timezone.now()),
            published_at=dated if status in {Status.PUBLISHED, Status.PRIVATE} else None,
            publish_at=dated if status == Status.SCHEDULED else None,
        )
        if item.is_sticky and post.is_public:
            _feature(post, line.notes)
        return post


def _feature(post: Post, notes: list[str]) -> None:
    try:
        feature(post, by=None)
    except Refused as refusal:
        notes.append(f"was sticky; not featured: {refusal}")


def _status(item: SourceItem, notes: list[str]) -> Status:
    """The state an item gets here; nothing becomes public that was not."""
    status, now = STATES[item.status], timezone.now()
    if item.kind == "page":
        notes.append("a page: kept as a withdrawn post; publish it if it should be read")
        return Status.WITHDRAWN
    if item.has_password:
        notes.append("was behind a password: private here")
        return Status.PRIVATE
    if status == Status.PUBLISHED and item.date is None:
        notes.append("has no date: it got today's")
    elif status == Status.PUBLISHED and item.date and item.date > now:
        notes.append("its date is still to come: scheduled for it")
        return Status.SCHEDULED
    if status == Status.SCHEDULED and (item.date is None or item.date <= now):
        # The next cron run would publish it by surprise.
        notes.append("its moment has passed: a draft here")
        return Status.DRAFT
    return status
