"""Why a public page looks as it does, for those who look after the site."""

from datetime import UTC, datetime, timedelta
from math import isinf
from time import monotonic
from typing import Any

from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from blog.why import NoStoredPage, explain, last_endings, reasons
from pagecache.views import Explanation
from signalflow.staff.views import OperatorsOnly

LENGTH = 500  # characters of an address that are looked at


class WhyView(OperatorsOnly, TemplateView):
    """`?path=/tags/sun/`: what that page depends on, when it was built, what ended it last."""

    template_name = "studio/why.html"
    http_method_names = ["get", "head", "options"]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        path = self.request.GET.get("path", "").replace("\0", "").strip()[:LENGTH]
        context = super().get_context_data(path=path, **kwargs)
        if not path:
            return context
        try:
            found = explain(path)
        except NoStoredPage as problem:
            return {**context, "problem": str(problem)}
        except Http404:
            return {**context, "problem": _("Visitors find nothing at this address.")}
        return {
            **context,
            "why": found,
            "built_ms": f"{found.build_seconds * 1000:.1f}",
            "stored_ms": f"{found.stored.build_seconds * 1000:.1f}" if found.stored else "",
            "reasons": reasons(found.tags),
            "endings": last_endings(found.tags),
            "stored_at": stored_at(found),
            "changes_at": changes_at(found),
        }


def stored_at(found: Explanation) -> datetime | None:
    """When the copy that this process has was stored."""
    if found.stored is None:
        return None
    return timezone.now() - timedelta(seconds=monotonic() - found.stored.stored_at)


def changes_at(found: Explanation) -> datetime | None:
    """The moment from which the page is another one without any change, if there is one."""
    return None if isinf(found.expires_at) else datetime.fromtimestamp(found.expires_at, UTC)
