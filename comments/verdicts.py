"""What a moderator is told of a verdict: their own, or the one that was there before."""

import logging
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from comments.models import Comment
from comments.signals import notices_asked

logger = logging.getLogger("heliograph")

_DECIDED = {
    Comment.Status.PENDING: gettext_lazy("%(who)s put it back into the queue%(when)s."),
    Comment.Status.APPROVED: gettext_lazy("%(who)s approved it%(when)s."),
    Comment.Status.SPAM: gettext_lazy("%(who)s called it spam%(when)s."),
    Comment.Status.TRASH: gettext_lazy("%(who)s put it in the trash%(when)s."),
}


@dataclass(frozen=True, slots=True)
class Moderation:
    """How a moderator's click ended: `changed` by it, or by whom and when it had been before.

    `is_contested`: nothing was changed, because the moderator had not seen that other verdict.
    """

    changed: bool
    sentence: str
    is_contested: bool = False


def before(row: Comment, verdict: str) -> Moderation:
    """The answer to a verdict that another one precedes, which `row` has."""
    who = row.moderator.public_name if row.moderator else _("Somebody")
    when = _when(row.moderated_at) if row.moderated_at else ""
    decided = _DECIDED[Comment.Status(row.status)] % {"who": who, "when": when}
    return Moderation(False, decided, is_contested=row.status != verdict)


def what_was_told(comment: Comment) -> str:
    """What has become of the mails about its approval, as those who send them know it."""
    sentences = []
    for receiver, answer in notices_asked.send_robust(sender=Comment, comment=comment):
        if isinstance(answer, Exception):
            logger.error("%s could not tell of its notices", receiver, exc_info=answer)
        elif answer:
            sentences.append(answer)
    return " ".join(sentences)


def _when(moment: datetime) -> str:
    return _(" on %(moment)s") % {
        "moment": date_format(timezone.localtime(moment), "j F Y, H:i"),
    }
