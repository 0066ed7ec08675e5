"""What happened to a post, and what would happen: the same list, before and after."""

from functools import cached_property
from typing import Any

from django.http import Http404
from django.views.generic import TemplateView

from blog import services
from blog.models import Post
from blog.services import Refused
from blog.studio.access import AuthorsOnly
from signalflow import rehearse
from signalflow.models import Trace
from signalflow.names import reference
from signalflow.operating import trees
from signalflow.operating.trees import Tree
from signalflow.staff import receipts
from signalflow.staff.receipt_text import effects


def latest_receipt(post: Post) -> Trace | None:
    """The last act on a post, whoever did it: cron publishes for its author."""
    return receipts.latest_about(reference(post), Trace.objects.all())


class OfPost(AuthorsOnly, receipts.OwnTrace):
    """For those who may edit the post, and of the trace only what concerns it."""

    @cached_property
    def act(self) -> Trace:
        trace = Trace.objects.filter(pk=self.kwargs["trace"]).first()
        if trace is None or self.target not in trace.targets.split():
            raise Http404
        return trace

    @cached_property
    def target(self) -> str:
        return reference(self.editable_post())

    def tree(self) -> Tree:
        return trees.about(super().tree(), self.target)


class PostReceiptView(OfPost, receipts.ReceiptView):
    """The receipt of one post."""


class PostRetryView(OfPost, receipts.RetryView):
    """A retry on the receipt of one post."""


class ForecastView(AuthorsOnly, TemplateView):
    """What publishing would do, found by doing it and taking it back."""

    template_name = "studio/forecast.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        post = self.editable_post()
        try:
            # An instance of its own: a door tells its caller's one of the new state.
            tree = rehearse(lambda: services.publish(self.editable_post(), by=self.request.user))
            found, problems = effects(tree.dump()), []
        except Refused as refusal:
            found, problems = [], refusal.sentences
        return super().get_context_data(post=post, effects=found, problems=problems, **kwargs)
