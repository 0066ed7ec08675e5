"""What has become of the mails about an approval, in a sentence for a moderator."""

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from comments.models import Comment
from listeners.notifications.models import Message

State = Message.State

_OF_AUTHOR = {
    State.SENDING: gettext_lazy("The mail to its author is leaving just now."),
    State.CANCELLED: gettext_lazy("The mail to its author was stopped before it left."),
    State.FAILED: gettext_lazy("The mail to its author could not be delivered."),
}


def approval_event(comment: Comment) -> str:
    """The event of a comment's approval: one for its whole life, however often it is repeated."""
    return f"comment:{comment.pk}:approved"


def of_approval(comment: Comment) -> str:
    """Whether its author, and how many others, have been told that it is public."""
    mails = Message.objects.filter(event=approval_event(comment))
    email = comment.author.email.lower() if comment.author else ""
    theirs = mails.filter(recipient=email).first() if email else None
    others = mails.exclude(recipient=email).filter(state=State.SENT).count()
    sentences = [_of_author(theirs, comment)] if theirs else []
    if others:
        sentences.append(
            ngettext("%(count)d other was told.", "%(count)d others were told.", others)
            % {"count": others}
        )
    return " ".join(sentences) or _("No mail about it has left.")


def _of_author(mail: Message, comment: Comment) -> str:
    if mail.state == State.SENT and mail.sent_at:
        moment = date_format(timezone.localtime(mail.sent_at), "j F Y, H:i")
        return _("Its author was told on %(moment)s that it is public.") % {"moment": moment}
    if mail.uncertain:
        return _("Nobody can know whether the mail to its author left.")
    if mail.state == State.QUEUED:
        if comment.is_public:
            return _("The mail to its author waits to be sent.")
        return _("The mail to its author waits and will not leave now.")
    return str(_OF_AUTHOR[State(mail.state)])
