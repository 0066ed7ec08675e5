"""What happened after an act, for the person who did it."""

from functools import cached_property
from typing import Any

from django.apps import apps
from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.generic import TemplateView, View

from signalflow.models import Trace
from signalflow.names import reference
from signalflow.operating import operations, trees
from signalflow.operating.trees import Tree
from signalflow.staff.receipt_text import Chapter, chapters

LOOKED_THROUGH = 20  # the latest traces that mention a thing


def visible_to(user: Any) -> QuerySet[Trace]:
    """One's own acts; all of them for those who look after the engine."""
    every = Trace.objects.all()
    return every if user.has_perm("signalflow.view_trace") else every.filter(actor_id=str(user.pk))


def latest_about(target: str, traces: QuerySet[Trace]) -> Trace | None:
    """The last of these acts on a thing, such as "blog.post:12"."""
    mentioned = traces.filter(targets__contains=target).defer("tree")[:LOOKED_THROUGH]
    return next((trace for trace in mentioned if target in trace.targets.split()), None)


class OwnTrace(LoginRequiredMixin, View):
    """For the person who did it, and for those who look after the engine."""

    @cached_property
    def act(self) -> Trace:
        """What this address is about; 404 for those who may not know of it."""
        return get_object_or_404(visible_to(self.request.user), pk=self.kwargs["trace"])

    def tree(self) -> Tree:
        """As much of the trace as this visitor may see, with its deliveries as they are now."""
        return trees.joined(self.act)


class ReceiptView(OwnTrace, TemplateView):
    """Each effect of one act: its words, its state, its time, and a retry where it failed."""

    template_name = "signalflow/receipt.html"

    def get_template_names(self) -> list[str]:
        live = getattr(self.request, "htmx", False)
        return ["signalflow/_receipt.html"] if live else [self.template_name]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        tree = self.tree()
        told = chapters(tree)
        labels = _labels(told)
        return super().get_context_data(
            act=self.act,
            chapters=[(labels[chapter.target], chapter.effects) for chapter in told],
            is_open=any(effect.is_open for chapter in told for effect in chapter.effects),
            lines="\n".join(trees.lines(tree)),
            path=self.request.path,
            **kwargs,
        )


def _labels(told: list[Chapter]) -> dict[str, str]:
    """What was acted upon, by its own name while the row exists; one query for each model."""
    keys: dict[str, list[str]] = {}
    for chapter in told:
        model, _, pk = chapter.target.rpartition(":")
        keys.setdefault(model, []).append(pk)
    labels = {"": ""}
    for model, pks in keys.items():
        rows = apps.get_model(model)._base_manager.in_bulk(pks) if model else {}
        labels |= {f"{model}:{pk}": "Something that is gone" for pk in pks}
        labels |= {reference(row): str(row) for row in rows.values()}
    return labels


class RetryView(OwnTrace):
    """Give one failed effect of an act a fresh start."""

    http_method_names = ["post"]

    @classmethod
    def describe_post(cls, user: Any, data: Any, **kwargs: Any) -> tuple[str, str]:
        return _("Try a failed effect again"), _("Retry")

    def post(self, request: HttpRequest, delivery: int, **kwargs: Any) -> HttpResponse:
        shown = (span.get("data", {}).get("delivery") for span in trees.spans(self.tree()))
        if delivery not in shown:
            raise Http404
        done = operations.retry(delivery)
        messages.info(request, "It is tried again." if done else "There was nothing to try again.")
        return redirect(self.back())

    def back(self) -> str:
        """The receipt this retry was pressed on."""
        return self.request.path.partition("retry/")[0]


class LatestView(LoginRequiredMixin, TemplateView):
    """The last act on one thing that this person did, or may look into."""

    template_name = "signalflow/no_receipt.html"

    def get(self, request: HttpRequest, target: str, **kwargs: Any) -> HttpResponse:
        trace = latest_about(target, visible_to(request.user))
        if trace is not None:
            return redirect("receipt", trace=trace.pk)
        return self.render_to_response({}, status=404)
