"""Reading: home, post, tag, author."""

import itertools
from typing import Any

from django.db.models import QuerySet
from django.db.models.functions import Lower
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.functional import cached_property
from django.views.generic import DetailView, ListView, TemplateView

from blog import cache_tags
from blog.addresses import CursorExpired, absolute, pages_by
from blog.listing.cards import CARD, FEATURE, Card, render_cards
from blog.listing.names import SITE, of_author, of_tag
from blog.listing.paging import PARAMETERS, Page, PublicList
from blog.models import Post, Tag
from blog.querysets import PostQuerySet
from pagecache import CachedPage, SignedInPage, cached_fragment, declared_reads, depends_on

# What the conversation under a post asks about it.
OF_CONVERSATION = (
    "slug",
    "status",
    "author_id",
    "comments_open",
    "comment_count",
    "published_at",
)


class PostList(SignedInPage, TemplateView):
    """A list of public posts, newest first."""

    page_parameters = pages_by(*PARAMETERS)
    size = 10

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            context = self.get_context_data(**kwargs)
        except CursorExpired:
            return redirect(request.path)
        return self.render_to_response(context)

    def posts(self) -> PostQuerySet:
        return Post.objects.published().only("published_at")

    def list(self) -> PublicList:
        raise NotImplementedError

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        page = self.list().page(self.request.GET)
        return super().get_context_data(page=page, **self.cards(page), **kwargs)

    def cards(self, page: Page) -> dict[str, Any]:
        """The posts of a page as it shows them."""
        return {"posts": list(render_cards(Card(CARD, post.pk) for post in page.posts).values())}


class HomeView(PostList):
    template_name = "blog/home.html"

    def list(self) -> PublicList:
        # By their keys: told to look for posts without a slot, SQLite sorts all that have none.
        return PublicList(SITE, self.posts(), self.size, hidden=self.featured)

    @cached_property
    def featured(self) -> tuple[int, ...]:
        """The ids of the posts put forward, the first one first."""

        def build() -> dict[str, tuple[int, ...]]:
            return {"": tuple(post.pk for post in self.posts().featured())}

        found: tuple[int, ...] = cached_fragment("featured", build)[""]
        return found

    def cards(self, page: Page) -> dict[str, Any]:
        featured = self.featured if page.is_first else ()
        features = [Card(FEATURE, pk, not place) for place, pk in enumerate(featured)]
        shown = render_cards([*features, *(Card(CARD, post.pk) for post in page.posts)])
        return {
            "featured": [html for card, html in shown.items() if card.template == FEATURE],
            "posts": [html for card, html in shown.items() if card.template == CARD],
        }


class TagView(PostList):
    template_name = "blog/tag.html"

    def list(self) -> PublicList:
        self.tag = get_object_or_404(
            Tag.objects.public().with_cache_tags(), slug=self.kwargs["slug"]
        )
        return PublicList(of_tag(self.tag.pk), self.posts(), self.size)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "tag": self.tag}


class AuthorView(PostList):
    template_name = "blog/author.html"

    def list(self) -> PublicList:
        authors = Post.objects.published().authors()
        with declared_reads():
            self.author = get_object_or_404(authors, username=self.kwargs["username"])
        depends_on(*cache_tags.person(self.author.pk))
        posts = self.posts().filter(author=self.author)
        return PublicList(of_author(self.author.pk), posts, self.size)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "author": self.author}


class TagListView(SignedInPage, ListView):
    template_name = "blog/tags.html"
    context_object_name = "tags"
    queryset = Tag.objects.public().order_by(Lower("name"))


class AuthorListView(SignedInPage, ListView):
    template_name = "blog/authors.html"
    context_object_name = "authors"

    def get_queryset(self) -> QuerySet[Any]:
        authors = Post.objects.published().authors()
        return authors.order_by("-profile__last_published_at", "pk")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        with declared_reads():
            shown = [cache_tags.person(author.pk) for author in self.object_list]
        depends_on(cache_tags.AUTHORS, *itertools.chain(*shown))
        return super().get_context_data(**kwargs)


class PostPage(CachedPage, DetailView):
    """Anything that shows one public post, and leads from its old addresses to the present one.

    So do addresses of pages it does not have.
    """

    route: str  # whose address is the present one

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            response = super().dispatch(request, *args, **kwargs)
            if isinstance(response, TemplateResponse):
                response.render()  # what the page shows may know that an address is none
            return response
        except CursorExpired as expired:
            return redirect(request.path + expired.query)
        except Http404:
            post = Post.objects.published().at_slug(self.kwargs["slug"])
            if post is None:
                raise
        answer = redirect(self.route, post.slug, permanent=True)
        # Without this, browsers keep a 301 for good: a post that moves back would be in a loop.
        answer.headers["Cache-Control"] = "no-cache"
        return answer

    def get_queryset(self) -> PostQuerySet:
        return (
            Post.objects.published().select_related("author__profile").with_tags().with_cache_tags()
        )


class PostView(SignedInPage, PostPage):
    route = "post"
    page_parameters = pages_by("comments")  # pages of the conversation, which the template shows
    block_parameters = pages_by()  # and which is not among the blocks
    frame = "blog/_framed_post.html"
    template_name = "blog/post.html"
    context_object_name = "post"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        post = self.object
        depends_on(*cache_tags.person(post.author_id))
        others = Post.objects.published().only("title", "slug", "published_at")
        at = (post.published_at, post.pk)
        beside = {(other.published_at, other.pk) > at: other for other in others.beside(post)}
        return super().get_context_data(
            previous=beside.get(False),
            next=beside.get(True),
            related=others.related_to(post),
            **kwargs,
        )

    def frame_context(self) -> dict[str, Any]:
        posts = Post.objects.published().only(*OF_CONVERSATION)
        return {"post": get_object_or_404(posts, slug=self.kwargs["slug"])}


class RobotsView(CachedPage):
    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        lines = ["User-agent: *"]
        lines += [f"Disallow: {path}" for path in ("/studio/", "/admin/", "/accounts/", "/search/")]
        lines.append(f"Sitemap: {absolute(reverse('sitemap'))}")
        return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")
