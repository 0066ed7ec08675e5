"""One page: every trap beside the right form; a button runs both."""

from typing import Any

from django.contrib.auth.mixins import LoginRequiredMixin, PermissionRequiredMixin
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from lab.catalogue import Outcome, Trap
from lab.stage import Busy
from lab.traps import GROUPS, TOLD, find, traps


class LabView(LoginRequiredMixin, PermissionRequiredMixin, TemplateView):
    """GET shows, POST runs one trap or all of them and shows what happened."""

    permission_required = "lab.use_lab"
    template_name = "lab/page.html"

    @classmethod
    def describe_post(cls, user: Any, data: Any) -> tuple[str, str]:
        trap = find(data.get("trap", ""))
        return (trap.title if trap else _("Run all traps")), _("Run")

    def post(self, request: HttpRequest) -> HttpResponse:
        slug = request.POST.get("trap", "")
        wanted = _wanted(slug)
        try:
            outcomes = {trap.slug: trap.run() for trap in wanted}
        except Busy:
            return self._page(busy=True, opened=slug, status=503)
        return self._page(outcomes=outcomes, opened=slug)

    def _page(self, status: int = 200, **context: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data(**context), status=status)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        outcomes: dict[str, list[Outcome]] = kwargs.pop("outcomes", {})
        ran = [outcome for pair in outcomes.values() for outcome in pair]
        groups = [
            (group.title, [(trap, outcomes.get(trap.slug)) for trap in group.traps])
            for group in GROUPS
        ]
        return super().get_context_data(
            groups=groups,
            told=TOLD,
            count=len(traps()),
            ran=len(outcomes),
            unexpected=sum(not outcome.as_described for outcome in ran),
            **kwargs,
        )


def _wanted(slug: str) -> list[Trap]:
    if not slug:
        return traps()
    trap = find(slug)
    if trap is None:
        raise Http404
    return [trap]
