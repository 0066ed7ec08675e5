from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin, PermissionRequiredMixin
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.generic import FormView, ListView, TemplateView, View

from blog.services import Refused
from listeners.webhooks import services
from listeners.webhooks.calling import SEND
from listeners.webhooks.forms import EndpointForm
from listeners.webhooks.models import Attempt, Call, Endpoint
from signalflow.models import Delivery


@method_decorator(never_cache, name="dispatch")  # a page shows a secret
class OperatorsOnly(LoginRequiredMixin, PermissionRequiredMixin):
    permission_required = services.PERMISSION


class EndpointsView(OperatorsOnly, FormView):
    """All endpoints with their last answer, and a form to add one."""

    template_name = "webhooks/endpoints.html"
    form_class = EndpointForm

    @classmethod
    def describe_post(cls, user: Any, data: Any) -> tuple[str, str]:
        return _("Add a webhook"), _("Add this webhook")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        endpoints = list(Endpoint.objects.with_last_attempt())
        last = Attempt.objects.in_bulk([row.last_attempt_id for row in endpoints])
        rows = [(row, last.get(row.last_attempt_id or 0)) for row in endpoints]
        return super().get_context_data(rows=rows, **kwargs)

    def form_valid(self, form: EndpointForm) -> HttpResponse:
        endpoint = services.add_endpoint(**form.cleaned_data, by=self.request.user)
        messages.success(
            self.request, f"{endpoint.label} is told from now on. Give its secret to the receiver."
        )
        return redirect(endpoint)


class EndpointView(OperatorsOnly, ListView):
    """One endpoint: its secret, its controls, and what was sent to it, newest first."""

    template_name = "webhooks/endpoint.html"
    context_object_name = "calls"
    paginate_by = 20

    def get_queryset(self) -> QuerySet[Call]:
        self.endpoint = get_object_or_404(Endpoint, pk=self.kwargs["pk"])
        return self.endpoint.calls.prefetch_related("attempts")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(endpoint=self.endpoint, **kwargs)
        deliveries = _deliveries(context["calls"])
        context["rows"] = [(call, deliveries.get(str(call.pk))) for call in context["calls"]]
        return context


def _deliveries(calls: QuerySet[Call]) -> dict[str, Delivery]:
    """The latest delivery of each call: whether it is tried again, and when."""
    keys = [str(call.pk) for call in calls]
    rows = Delivery.objects.filter(receiver=SEND, key__in=keys).defer("report").order_by("pk")
    return {row.key: row for row in rows}


def _named(act: str, endpoint: Endpoint | None, user: Any) -> str:
    """An act with its webhook's name, for those who may know it."""
    knows = endpoint is not None and user.has_perm(services.PERMISSION)
    return f"{act}: “{endpoint.label}”" if endpoint and knows else act


class ActView(OperatorsOnly, View):
    """Pause, resume, test: POST only."""

    http_method_names = ["post"]

    @classmethod
    def describe_post(cls, user: Any, data: Any, pk: int, act: str) -> tuple[str, str]:
        words = {
            "pause": _("Pause the webhook"),
            "resume": _("Resume the webhook"),
            "test": _("Send a test call"),
        }
        button = words.get(act, _("Change the webhook"))
        return _named(button, Endpoint.objects.filter(pk=pk).first(), user), button

    def post(self, request: HttpRequest, pk: int, act: str) -> HttpResponse:
        if act not in ACTS:
            raise Http404
        door, sentence = ACTS[act]
        endpoint = get_object_or_404(Endpoint, pk=pk)
        try:
            door(endpoint, by=request.user)
        except Refused as refusal:
            messages.error(request, str(refusal))
            return redirect("webhooks")
        messages.success(request, sentence.format(endpoint.label))
        return redirect(endpoint)


ACTS: dict[str, tuple[Callable[..., Any], str]] = {
    "pause": (services.pause, "{} is paused: it is told of nothing."),
    "resume": (services.resume, "{} is told again, of what happens from now on."),
    "test": (services.send_test, "A test call to {} waits for a worker. Look again in a moment."),
}


class RedeliverView(OperatorsOnly, View):
    """Send one call once more: POST only."""

    http_method_names = ["post"]

    @classmethod
    def describe_post(cls, user: Any, data: Any, pk: int) -> tuple[str, str]:
        call = Call.objects.filter(pk=pk).select_related("endpoint").first()
        return _named(_("Redeliver"), call.endpoint if call else None, user), _("Redeliver")

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        call = get_object_or_404(Call.objects.select_related("endpoint"), pk=pk)
        try:
            services.redeliver(call, by=request.user)
        except Refused as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, "It is sent again, under the same id.")
        return redirect(call.endpoint)


class DeleteView(OperatorsOnly, TemplateView):
    """GET names what goes with an endpoint and offers less; POST deletes it."""

    template_name = "webhooks/delete.html"

    @classmethod
    def describe_post(cls, user: Any, data: Any, pk: int) -> tuple[str, str]:
        button = _("Delete for good")
        return _named(button, Endpoint.objects.filter(pk=pk).first(), user), button

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        endpoint = get_object_or_404(Endpoint, pk=self.kwargs["pk"])
        return super().get_context_data(endpoint=endpoint, calls=endpoint.calls.count(), **kwargs)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        endpoint = get_object_or_404(Endpoint, pk=pk)
        try:
            services.delete_endpoint(endpoint, by=request.user)
        except Refused as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("%s is deleted, with its log.") % endpoint.label)
        return redirect("webhooks")
