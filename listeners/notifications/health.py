"""How the mail is doing: what waits, what was refused, and whether the server takes any.

Nobody is connected to for this: it is what the last sending found, so no request waits for it.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Min
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from listeners.notifications.models import Message
from signalflow.heartbeats import beat
from signalflow.models import Heartbeat
from signalflow.operating.health import Fact, ago

SERVER = "mail server"  # the name of its heartbeat

DUE_WITHIN = timedelta(minutes=5)  # how long a mail may wait before somebody should look
LATEST = 50  # mails that tell whether refusals are the rule

WAITING = [Message.State.QUEUED, Message.State.SENDING]


def note_server(problem: str = "") -> None:
    """Keep what a sending found: the server took mails, or the `problem` it met."""
    beat(SERVER, problem, healthy=not problem)


def facts() -> list[Fact]:
    """What the health page says of mail."""
    return [_unsent(), _server(), _refused()]


def summary() -> dict[str, Any]:
    """The same for programs that ask anonymously: counts and moments, no names."""
    count, oldest = _waiting()
    failed, _ended = _latest()
    server = Heartbeat.objects.filter(name=SERVER).first()
    answers = "not asked yet" if server is None else "ok" if server.healthy else "failing"
    healthy = all(fact.healthy for fact in facts())
    return {
        "status": "ok" if healthy else "look at this",
        "unsent": count,
        "oldest_unsent": oldest.isoformat() if oldest else None,
        f"refused_of_last_{LATEST}": failed,
        "server": answers,
    }


def _waiting() -> tuple[int, datetime | None]:
    found = Message.objects.filter(state__in=WAITING).aggregate(Count("pk"), Min("created_at"))
    return found["pk__count"], found["created_at__min"]


def _unsent() -> Fact:
    count, oldest = _waiting()
    if oldest is None:
        return Fact(_("Unsent mail"), _("none waits"))
    text = ngettext(
        "%(count)s waits, queued %(ago)s", "%(count)s wait, the oldest queued %(ago)s", count
    )
    late = timezone.now() - oldest > DUE_WITHIN
    told = {"count": count, "ago": ago(oldest)}
    return Fact(_("Unsent mail"), text % told, healthy=not late)


def _server() -> Fact:
    row = Heartbeat.objects.filter(name=SERVER).first()
    if row is None:
        return Fact(_("Mail server"), _("has not been asked yet"))
    told = {"ago": ago(row.at), "problem": row.text}
    if row.healthy:
        return Fact(_("Mail server"), _("took what was sent %(ago)s") % told)
    return Fact(_("Mail server"), _("%(ago)s: %(problem)s") % told, healthy=False)


def _latest() -> tuple[int, int]:
    """How many of the latest mails were refused, and how many came to an end."""
    latest = Message.objects.order_by("-pk").values_list("state", flat=True)[:LATEST]
    states = list(latest)
    failed = states.count(Message.State.FAILED)
    return failed, failed + states.count(Message.State.SENT)


def _refused() -> Fact:
    """One wrong address is everyday life; when most are refused, it is us they do not want."""
    failed, ended = _latest()
    if not failed:
        return Fact(_("Refused mail"), _("none of the latest"))
    told = {"failed": failed, "ended": ended}
    text = _("%(failed)s of the latest %(ended)s") % told
    return Fact(_("Refused mail"), text, healthy=failed * 2 <= ended)
