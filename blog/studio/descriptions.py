"""The acts of the studio in words, for a form that is to be sent once more."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from blog.models import Post
from blog.policies import can_edit


def of_writing(data: Any) -> tuple[str, str]:
    """The pressed button of the writing form, with the title as it was typed."""
    button = {
        "preview": _("Preview"),
        "schedule": _("Schedule"),
        "publish": _("Publish"),
    }.get(data.get("do"), _("Save"))
    return _named(button, " ".join(data.get("title", "").split())), button


def of_act(user: Any, pk: int, act: str) -> tuple[str, str]:
    """A button beside a post; its title is for those who may edit it."""
    button = {
        "publish": _("Publish"),
        "withdraw": _("Withdraw"),
        "unschedule": _("Back to draft"),
        "feature": _("Feature"),
        "unfeature": _("Take off the top"),
        "delete": _("Delete for good"),
    }.get(act, _("Change"))
    post = Post.objects.filter(pk=pk).first()
    return _named(button, post.title if post and can_edit(user, post) else ""), button


def of_bulk(data: Any) -> tuple[str, str]:
    """Publishing what was chosen in the list."""
    many = len(data.getlist("post"))
    return ngettext("Publish %d post", "Publish %d posts", many) % many, _("Publish")


def _named(act: str, title: str) -> str:
    return f"{act}: “{title}”" if title else _("%s a post") % act
