"""Which traces a person may look into."""

from typing import Any

from blog.models import Post
from signalflow.models import Trace

LATEST = 20  # traces of a post that are looked through


def may_see(user: Any, trace: Trace) -> bool:
    """One's own acts; all of them for those who look after the engine."""
    return trace.actor_id == str(user.pk) or user.has_perm("signalflow.view_trace")


def latest_receipt(post: Post, user: Any) -> Trace | None:
    """The last act on a post that this person did, or may look into."""
    target = f"blog.post:{post.pk}"
    acts = Trace.objects.filter(targets__contains=target).defer("tree")[:LATEST]
    return next((t for t in acts if target in t.targets.split() and may_see(user, t)), None)
