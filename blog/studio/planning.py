"""The date of a post's form, and what each button makes of it.

A filled date means "public at that moment", whichever button is pressed: *Schedule* and
*Publish* plan the post, *Save* changes the plan of a post that is planned.  Where it cannot be
so, the text is saved and the date is refused with a sentence.  It is never passed over.
"""

from dataclasses import dataclass
from datetime import MAXYEAR, datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from blog import services
from blog.models import Post
from blog.policies import can_publish
from blog.services import Refused

FORMAT = "%Y-%m-%dT%H:%M"  # what browsers send for `datetime-local`


class DateRefused(Refused):
    """The text is saved, and its date is not taken."""


@dataclass(frozen=True, slots=True)
class TypedDate:
    """What stands in the field: a moment, or why it is none; `untouched`: as the form showed it."""

    at: datetime | None = None
    problem: str = ""
    untouched: bool = False

    @property
    def is_filled(self) -> bool:
        return bool(self.at or self.problem)


class MomentField(forms.DateTimeField):
    """A date that stops no act which does not need it: its value tells what is wrong with it."""

    def clean(self, value: Any) -> TypedDate:
        try:
            at = super().clean(value)
        except ValidationError as error:
            return TypedDate(problem=" ".join(error.messages))
        if at is not None and at.year == MAXYEAR:  # which may be the year after it elsewhere
            return TypedDate(problem=_("This is later than the calendar goes."))
        return TypedDate(at)


def shown(post: Post) -> str:
    """The plan of a post as its form shows it, in the present time zone."""
    at = post.publish_at
    return timezone.localtime(at).strftime(FORMAT).rjust(16, "0") if at else ""


def read(typed: str | None, before: str | None, post: Post) -> TypedDate:
    """What `typed` means in a form of `post` that showed `before` (None: a form without it).

    A date that was left alone is what the post has: the field knows no seconds, and no date at
    all in an hour that the clocks show twice.
    """
    untouched = typed is None or typed == (shown(post) if before is None else before)
    if untouched and typed and typed == shown(post):
        return TypedDate(post.publish_at, untouched=True)
    date = MomentField(required=False).clean(typed)
    return TypedDate(date.at, date.problem, untouched)


def carry_out(post: Post, act: str, date: TypedDate, *, by: Any) -> str:
    """Do with a saved post what the pressed button says.  Returns what was done, in words.

    Raises PermissionDenied; Refused for what a door finds, DateRefused for the date alone.
    """
    if act == "publish":
        return _publish(post, date, by)
    if act == "schedule":
        if not date.is_filled:
            raise DateRefused(_("Say when: fill in “Publish later, at”."))
        return _schedule(post, date, by)
    return _save(post, date, by)


def _publish(post: Post, date: TypedDate, by: Any) -> str:
    is_overdue = date.untouched and date.at is not None and date.at <= timezone.now()
    if date.is_filled and not post.is_public and not is_overdue:
        if date.at and date.at <= timezone.now():
            raise DateRefused(
                _("This moment is over. Empty the date to publish now, or choose a later one.")
            )
        return _schedule(post, date, by)
    if services.publish(post, by=by):
        return _("“%s” is public.") % post.title
    return _public_already(_("“%s” was public already.") % post.title, date)


def _schedule(post: Post, date: TypedDate, by: Any) -> str:
    if date.problem or date.at is None:
        raise DateRefused(date.problem)
    if not post.is_public and date.at <= timezone.now():
        raise DateRefused(_("Choose a moment in the future, or publish the post now."))
    services.schedule(post, by=by, at=date.at)
    return _("“%(title)s” will be public on %(moment)s.") % {
        "title": post.title,
        "moment": in_words(date.at),
    }


def _save(post: Post, date: TypedDate, by: Any) -> str:
    if post.is_public:
        return _public_already(_("Saved."), date)
    if date.untouched:
        if post.status != Post.Status.SCHEDULED or post.publish_at is None:
            return _("Saved.")
        return _("Saved. Still scheduled for %s.") % in_words(post.publish_at)
    if date.is_filled and not can_publish(by, post):
        raise DateRefused(_("The text is saved. You may not schedule it, so the date is not used."))
    if post.status == Post.Status.SCHEDULED:
        return _replan(post, date, by)
    if date.is_filled:
        raise DateRefused(
            _(
                "The text is saved, and nothing is scheduled. Press “Schedule” to publish it at "
                "this date, or empty the date."
            ),
            *filter(None, [date.problem]),
        )
    return _("Saved.")


def _replan(post: Post, date: TypedDate, by: Any) -> str:
    """Another date, or none, for a post that is planned."""
    if not date.is_filled:
        services.unschedule(post, by=by)
        return _("Saved. It is a draft again: it will not be published by itself.")
    try:
        if date.problem or date.at is None:
            raise DateRefused(date.problem)
        changed = services.schedule(post, by=by, at=date.at)
    except Refused as refusal:
        at = in_words(post.publish_at or timezone.now())
        still = _("The text is saved. The post is still scheduled for %s.") % at
        raise DateRefused(still, *refusal.sentences) from refusal
    said = _("Saved. Scheduled for %s now.") if changed else _("Saved. Still scheduled for %s.")
    return said % in_words(date.at)


def _public_already(said: str, date: TypedDate) -> str:
    if not date.is_filled or date.untouched:
        return said
    return f"{said} {_('It is public already, so the date was not used.')}"


def in_words(moment: datetime) -> str:
    """A moment in the present time zone, which is named."""
    at = date_format(timezone.localtime(moment), "D j N Y, H:i")
    return f"{at} ({timezone.get_current_timezone_name()})"
