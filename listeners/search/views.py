from typing import Any, NamedTuple

from django.core.paginator import Paginator
from django.views.generic import TemplateView

from blog.models import Post
from listeners.search.backends import best
from listeners.search.excerpts import excerpt, marked, matches
from listeners.search.filters import Filters
from listeners.search.models import Document
from listeners.search.queries import LENGTH, Query, parse

PER_PAGE = 10
MOST = 1000  # hits that are read; whoever has more of them needs other words, or a filter


class Offer(NamedTuple):
    """A link that narrows the results, or widens them again."""

    name: str
    value: str
    label: str
    address: str
    hits: int = 0


class SearchView(TemplateView):
    """Public posts that have every word asked for, best first; narrowed by tag, author, year."""

    template_name = "search/results.html"
    http_method_names = ["get", "head", "options"]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        typed = self.request.GET.get("q", "").replace("\0", "").strip()[:LENGTH]
        query, filters = parse(typed), Filters(self.request.GET)
        is_asked = bool(query) or (not typed and bool(filters.chosen))
        found = best(query, filters.posts, MOST + 1) if is_asked else []
        pages = Paginator(found[:MOST], PER_PAGE)
        page = pages.get_page(self.request.GET.get("page"))
        return super().get_context_data(
            query=typed,
            page_obj=page,
            paginator=pages,
            is_more=len(found) > MOST,
            posts=_with_excerpts(list(page), query),
            chosen=_chosen(filters, typed),
            offers=_offers(filters, typed, found[:MOST]) if len(found) > 1 else {},
            keep=f"{filters.address(typed)}&",
            message=_kind_sentence(typed, query, filters, len(found)),
            **kwargs,
        )


def _with_excerpts(pks: list[int], query: Query) -> list[Post]:
    posts = Post.objects.published().for_lists().in_bulk(pks)
    texts = dict(Document.objects.filter(pk__in=pks).values_list("pk", "text"))
    for pk, post in posts.items():
        summed_up = next(matches(post.summary, query), None) is not None
        vars(post)["marked_title"] = marked(post.title, query)
        vars(post)["excerpt"] = (
            marked(post.summary, query) if summed_up else excerpt(texts.get(pk, ""), query)
        )
    return [posts[pk] for pk in pks if pk in posts]


def _chosen(filters: Filters, typed: str) -> list[Offer]:
    return [Offer(*one, filters.address(typed, **{one.name: ""})) for one in filters.chosen]


def _offers(filters: Filters, typed: str, found: list[int]) -> dict[str, list[Offer]]:
    """The filters worth offering: those among which there is something to choose."""
    return {
        name: [
            Offer(name, value, label, filters.address(typed, **{name: value}), count)
            for value, label, count in choices
        ]
        for name, choices in filters.choices(found).items()
        if len(choices) > 1
    }


def _kind_sentence(typed: str, query: Query, filters: Filters, count: int) -> str:
    if filters.problems:
        return " ".join(filters.problems)
    if typed and not query:
        return "Type at least one word to look for."
    if query and filters.chosen and not count:
        return "Nothing has all of these words here. Take a filter away, or try other words."
    if query and not count:
        return "Nothing has all of these words. Try fewer, or other ones."
    return "There is nothing here yet." if filters.chosen and not count else ""
