from typing import Any

from django.core.paginator import Paginator
from django.views.generic import TemplateView

from blog.models import Post
from search.backends import find, words_of
from search.excerpts import excerpt
from search.models import Document

PER_PAGE = 10
QUERY_LENGTH = 200  # characters that are looked at


class SearchView(TemplateView):
    """Public posts that have every word asked for, best first."""

    template_name = "search/results.html"
    http_method_names = ["get", "head", "options"]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        query = self.request.GET.get("q", "").replace("\0", "").strip()[:QUERY_LENGTH]
        ranked = find(query)
        public = set(Post.objects.published().filter(pk__in=ranked).values_list("pk", flat=True))
        found = Paginator([pk for pk in ranked if pk in public], PER_PAGE)
        page = found.get_page(self.request.GET.get("page"))
        return super().get_context_data(
            query=query,
            page_obj=page,
            paginator=found,
            posts=_with_excerpts(list(page), words_of(query)),
            message=_kind_sentence(query, found.count),
            **kwargs,
        )


def _with_excerpts(pks: list[int], words: list[str]) -> list[Post]:
    posts = Post.objects.published().for_lists().in_bulk(pks)
    texts = dict(Document.objects.filter(pk__in=pks).values_list("pk", "body"))
    for pk, post in posts.items():
        vars(post)["excerpt"] = excerpt(texts.get(pk, ""), words)
    return [posts[pk] for pk in pks if pk in posts]


def _kind_sentence(query: str, count: int) -> str:
    if query and not words_of(query):
        return "Type at least one word to look for."
    if query and not count:
        return "Nothing has all of these words. Try fewer, or other ones."
    return ""
