"""What happened after an act, and what would happen: the same list, before and after."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.generic import TemplateView, View

from blog import services
from blog.services import Refused
from blog.studio.traced import may_see
from blog.studio.views import AuthorsOnly
from signalflow import rehearse, trees
from signalflow.deliveries import retry
from signalflow.models import Delivery, Trace
from signalflow.words import effects


class OwnTrace(LoginRequiredMixin, View):
    """For the person who did it, and for those who look after the engine."""

    def trace(self) -> Trace:
        trace = get_object_or_404(Trace, pk=self.kwargs["trace"])
        if not may_see(self.request.user, trace):
            raise Http404
        return trace


class ReceiptView(OwnTrace, TemplateView):
    """Each effect of one act: its words, its state, its time, and a retry where it failed."""

    template_name = "studio/receipt.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        trace = self.trace()
        tree = trees.joined(trace)
        return super().get_context_data(
            act=trace,
            effects=list(effects(tree)),
            lines="\n".join(trees.lines(tree)),
            **kwargs,
        )


class RetryView(OwnTrace):
    """Give one failed effect of one's own act a fresh start."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, trace: str, delivery: int) -> HttpResponse:
        own = Delivery.objects.filter(trace=self.trace().pk, pk=delivery)
        done = retry(*own.values_list("pk", flat=True))
        messages.info(request, "It is tried again." if done else "There was nothing to try again.")
        return redirect("receipt", trace=trace)


class ForecastView(AuthorsOnly, TemplateView):
    """What publishing would do, found by doing it and taking it back."""

    template_name = "studio/forecast.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        post = self.editable_post()
        try:
            # An instance of its own: a door tells its caller's one of the new state.
            tree = rehearse(lambda: services.publish(self.editable_post(), by=self.request.user))
            found, problems = list(effects(tree.dump())), []
        except Refused as refusal:
            found, problems = [], refusal.sentences
        return super().get_context_data(post=post, effects=found, problems=problems, **kwargs)
