"""Reading: home, post, tag, author, archive."""

import itertools
from datetime import MAXYEAR, MINYEAR, UTC, datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Count, QuerySet
from django.db.models.functions import ExtractMonth, ExtractYear, Lower
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.generic import DetailView, ListView, TemplateView

from blog import topics
from blog.models import Post, PostQuerySet, Tag
from blog.pages import PublicPage, absolute

PER_PAGE = 10


class PostList(PublicPage, ListView):
    """A list of public posts, newest first."""

    context_object_name = "posts"
    paginate_by = PER_PAGE

    def get_queryset(self) -> PostQuerySet:
        return Post.objects.published().as_cards()


class HomeView(PostList):
    template_name = "blog/home.html"

    def get_queryset(self) -> PostQuerySet:
        return super().get_queryset().not_featured()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        first_page = context["page_obj"].number == 1
        featured = Post.objects.published().featured().as_cards() if first_page else []
        return {**context, "featured": featured}


class TagView(PostList):
    template_name = "blog/tag.html"

    def get_queryset(self) -> PostQuerySet:
        self.tag = get_object_or_404(Tag.objects.about(), slug=self.kwargs["slug"])
        return super().get_queryset().tagged(self.tag)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(tag=self.tag, **kwargs)


class AuthorView(PostList):
    template_name = "blog/author.html"

    def get_queryset(self) -> PostQuerySet:
        authors = get_user_model().objects.select_related("profile")
        self.author = get_object_or_404(authors, username=self.kwargs["username"])
        topics.read(*topics.person(self.author.pk))
        posts = super().get_queryset().by(self.author)
        if not posts.exists():  # a reader's name is nobody's business
            raise Http404
        return posts

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(author=self.author, **kwargs)


class TagListView(PublicPage, ListView):
    template_name = "blog/tags.html"
    context_object_name = "tags"
    queryset = Tag.objects.filter(post_count__gt=0).order_by(Lower("name"))


class AuthorListView(PublicPage, ListView):
    template_name = "blog/authors.html"
    context_object_name = "authors"

    def get_queryset(self) -> QuerySet[Any]:
        users = get_user_model().objects.select_related("profile")
        authors = users.filter(profile__post_count__gt=0)
        return authors.order_by("-profile__last_published_at", "pk")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        shown = [topics.person(author.pk) for author in self.object_list]
        topics.read(topics.AUTHORS, *itertools.chain(*shown))
        return super().get_context_data(**kwargs)


class PostPage(PublicPage, DetailView):
    """Anything that shows one public post, and leads from its old addresses to the present one."""

    route: str  # whose address is the present one

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return super().dispatch(request, *args, **kwargs)
        except Http404:
            post = Post.objects.published().at_slug(self.kwargs["slug"])
            if post is None:
                raise
        answer = redirect(self.route, post.slug, permanent=True)
        # Without this, browsers keep a 301 for good: a post that moves back would be in a loop.
        answer.headers["Cache-Control"] = "no-cache"
        return answer

    def get_queryset(self) -> PostQuerySet:
        return Post.objects.published().select_related("author__profile").with_tags().about()


class PostView(PostPage):
    route = "post"
    template_name = "blog/post.html"
    context_object_name = "post"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        post = self.object
        topics.read(*topics.person(post.author_id))
        others = Post.objects.published().only("title", "slug", "published_at")
        at = (post.published_at, post.pk)
        beside = {(other.published_at, other.pk) > at: other for other in others.beside(post)}
        return super().get_context_data(
            previous=beside.get(False),
            next=beside.get(True),
            related=others.related_to(post),
            **kwargs,
        )


class ArchiveView(PublicPage, TemplateView):
    """A table of contents: years with their months, or the posts of one of them."""

    template_name = "blog/archive.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        year, month = kwargs.get("year"), kwargs.get("month")
        posts = Post.objects.published()
        if year is not None:
            begin, end = _span(year, month)
            posts = posts.filter(published_at__gte=begin, published_at__lt=end)
            posts = posts.about(topics.period(year, month))
            if not posts.exists():
                raise Http404
        else:
            posts = posts.about(topics.POSTS)
        periods = (
            posts.order_by()
            .annotate(year=ExtractYear("published_at"), month=ExtractMonth("published_at"))
            .values("year", "month")
            .annotate(count=Count("pk"))
            .order_by("-year", "-month")
        )
        return super().get_context_data(
            periods=[
                {**period, "date": datetime(period["year"], period["month"], 1, tzinfo=UTC)}
                for period in periods
            ],
            posts=None if year is None else posts.as_cards(),
            **kwargs,
        )


def _span(year: int, month: int | None) -> tuple[datetime, datetime]:
    """The first moment of a year or month, and the first one after it."""
    zone = timezone.get_current_timezone()
    # The first and the last year that Python knows are another year in some zone.
    if not MINYEAR < year < MAXYEAR or not (month is None or 1 <= month <= 12):
        raise Http404
    begin = datetime(year, month or 1, 1, tzinfo=zone)
    months = begin.year * 12 + begin.month - 1 + (1 if month else 12)
    return begin, datetime(months // 12, months % 12 + 1, 1, tzinfo=zone)


class RobotsView(PublicPage):
    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        lines = ["User-agent: *"]
        lines += [f"Disallow: {path}" for path in ("/studio/", "/admin/", "/accounts/", "/search/")]
        lines.append(f"Sitemap: {absolute(reverse('sitemap'))}")
        return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")
