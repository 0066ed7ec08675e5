"""The engine as its operators see it: wiring, health, what ran, and what waits."""

import inspect
from collections import Counter
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import get_user_model
from django.contrib.auth.mixins import LoginRequiredMixin, PermissionRequiredMixin
from django.db.models import Count, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.generic import ListView, TemplateView, View

from signalflow import registry
from signalflow.models import ATTENTION, Delivery, Trace
from signalflow.operating import health, operations, wiring
from signalflow.operating.trees import with_errors
from signalflow.staff.drawing import draw
from signalflow.staff.forms import ReplayForm, WiringForm


class OperatorsOnly(LoginRequiredMixin, PermissionRequiredMixin, View):
    """For people with the permission to operate the engine."""

    permission_required = "signalflow.operate_engine"


class _Wiring(OperatorsOnly):
    def chosen(self) -> tuple[WiringForm, list[wiring.Edge]]:
        """The filter in the address, and the edges it leaves."""
        edges = wiring.edges(fired=wiring.observed())
        form = WiringForm(self.request.GET, edges)
        return form, wiring.select(edges, **form.chosen())


class OverviewView(_Wiring, TemplateView):
    """Health first, then the wiring as a drawing and as a table."""

    template_name = "signalflow/overview.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form, rows = self.chosen()
        return super().get_context_data(
            facts=list(health.facts()),
            edges=rows,
            drawing=draw(rows),
            form=form,
            orphans=wiring.orphans(),
            query=self.request.GET.urlencode(),
            debug=settings.DEBUG,
            **kwargs,
        )


class WiringJsonView(_Wiring):
    def get(self, request: HttpRequest) -> HttpResponse:
        return JsonResponse(
            {"edges": wiring.as_json(self.chosen()[1])}, json_dumps_params={"indent": 2}
        )


class WiringDotView(_Wiring):
    def get(self, request: HttpRequest) -> HttpResponse:
        return HttpResponse(wiring.as_dot(self.chosen()[1]), content_type="text/vnd.graphviz")


class SourceView(OperatorsOnly, TemplateView):
    """The code of one receiver, for developers alone."""

    template_name = "signalflow/source.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        uid = self.request.GET.get("receiver", "")
        spec = registry.find(uid) if settings.DEBUG else None
        if spec is None:
            raise Http404
        return super().get_context_data(uid=uid, code=inspect.getsource(spec.function), **kwargs)


class TracesView(OperatorsOnly, ListView):  # type: ignore[type-arg]  # generic in stubs alone
    """What ran lately, the newest first; reread by itself while it is looked at."""

    template_name = "signalflow/traces.html"
    context_object_name = "traces"
    paginate_by = 50

    def get_queryset(self) -> QuerySet[Trace]:
        rows = with_errors() if self.request.GET.get("errors") else Trace.objects.all()
        return rows.defer("tree")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(errors=self.request.GET.get("errors", ""), **kwargs)
        keys = {trace.actor_id for trace in context["traces"] if trace.actor_id}
        people = get_user_model()._default_manager.in_bulk(keys)
        names = {str(pk): person.get_username() for pk, person in people.items()}
        for trace in context["traces"]:
            trace.actor_name = names.get(trace.actor_id, "")
        return context


class DeliveriesView(OperatorsOnly, ListView):  # type: ignore[type-arg]
    """Deliveries by state, those that need a person first."""

    template_name = "signalflow/deliveries.html"
    context_object_name = "deliveries"
    paginate_by = 50

    def state(self) -> str:
        asked = self.request.GET.get("state", "")
        return asked if asked in Delivery.State.values else Delivery.State.FAILED

    def get_queryset(self) -> QuerySet[Delivery]:
        rows = Delivery.objects.filter(state=self.state()).defer("payload", "report")
        return rows.order_by("-pk")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        states = Delivery.objects.order_by().values_list("state")
        counts = Counter(dict(states.annotate(Count("pk"))))
        kwargs.setdefault("replay", ReplayForm())
        state = self.state()
        return super().get_context_data(
            tabs=[(value, label, counts[value]) for value, label in Delivery.State.choices],
            state=state,
            may_retry=state in ATTENTION,
            may_skip=state in operations.SKIPPABLE,
            **kwargs,
        )


class DeliveryActView(OperatorsOnly):
    """Retry or skip what was chosen."""

    http_method_names = ["post"]
    acts = {
        "retry": (operations.retry, "tried again"),
        "skip": (operations.skip, "skipped"),
    }

    @classmethod
    def describe_post(cls, user: Any, data: Any, act: str) -> tuple[str, str]:
        many = len(data.getlist("delivery"))
        words = {
            "retry": ngettext("Retry %d delivery", "Retry %d deliveries", many),
            "skip": ngettext("Skip %d delivery", "Skip %d deliveries", many),
        }
        title = words[act] % many if act in words else _("Change deliveries")
        return title, title

    def post(self, request: HttpRequest, act: str) -> HttpResponse:
        if act not in self.acts:
            raise Http404
        door, done = self.acts[act]
        typed = request.POST.getlist("delivery")[:200]
        keys = [int(key) for key in typed if key.isascii() and key.isdecimal() and len(key) < 19]
        if keys:
            messages.info(request, f"{door(*keys)} of {len(keys)} deliveries are {done}.")
        else:
            messages.info(request, _("No delivery is chosen. Tick some first."))
        state = request.POST.get("state", "")
        known = state if state in Delivery.State.values else Delivery.State.FAILED
        return redirect(f"{reverse('signal-deliveries')}?state={known}")


class ReplayView(DeliveriesView):
    """Give a receiver its ended deliveries once more; first it says how many there are."""

    http_method_names = ["post"]
    form_class = ReplayForm

    @classmethod
    def describe_post(cls, user: Any, data: Any) -> tuple[str, str]:
        button = _("Replay them") if data.get("sure") else _("Count them")
        return _("Replay deliveries"), button

    def post(self, request: HttpRequest) -> HttpResponse:
        form = ReplayForm(request.POST)
        if not form.is_valid():
            return self.again(form, status=422)
        uid, since = form.cleaned_data["receiver"], form.cleaned_data["since"]
        shown = f"{uid} since {since.isoformat()}"
        if request.POST.get("sure") != shown:  # what was counted, not what was chosen afterwards
            counted = operations.replayable(uid, since).count()
            return self.again(form, counted=counted, sure=shown)
        messages.info(request, f"{len(operations.replay(uid, since))} deliveries are given again.")
        return redirect("signal-deliveries")

    def again(self, form: ReplayForm, status: int = 200, **context: Any) -> HttpResponse:
        self.object_list = self.get_queryset()
        return self.render_to_response(self.get_context_data(replay=form, **context), status=status)
