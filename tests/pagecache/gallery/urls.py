from typing import Any

from django.db import connection
from django.db.models import Count, Sum
from django.http import HttpResponse
from django.urls import path

from pagecache import CachedPage, cached_fragment
from tests.pagecache.gallery.models import Artist, Loan, Museum, Painting, Style


class Page(CachedPage):
    def get(self, request: Any) -> HttpResponse:
        return HttpResponse("\n".join(str(line) for line in self.lines()))


class Paintings(Page):
    """Rows with what is joined and what is prefetched."""

    def lines(self) -> Any:
        rows = Painting.objects.select_related("artist").prefetch_related("styles", "lenders")
        for row in rows.order_by("pk"):
            others = sorted([*map(str, row.styles.all()), *map(str, row.lenders.all())])
            yield f"{row} {row.price} {row.artist} {others}"


class Artists(Page):
    def lines(self) -> Any:
        counted = Artist.objects.annotate(number=Count("paintings"))
        return counted.order_by("pk").values_list("name", "number")


class Styles(Page):
    """The other side of a relation, and a fragment."""

    def lines(self) -> Any:
        def build() -> dict[str, Any]:
            shown = {s.name: [str(p) for p in s.paintings.order_by("pk")] for s in ordered}
            return {"": shown}

        ordered = Style.objects.order_by("pk")
        yield cached_fragment("styles", build)[""]


class Museums(Page):
    def lines(self) -> Any:
        yield Museum.objects.count(), Loan.objects.filter(year__gt=1950).exists()
        for loan in Loan.objects.order_by("pk").iterator():
            yield loan.year, loan.museum and loan.museum.name


class Total(Page):
    def lines(self) -> Any:
        yield Painting.objects.aggregate(Sum("price"))


class Raw(Page):
    def lines(self) -> Any:
        with connection.cursor() as cursor:
            cursor.execute("select title from gallery_painting order by id")
            return cursor.fetchall()


VIEWS = {"paintings": Paintings, "artists": Artists, "styles": Styles}
VIEWS |= {"museums": Museums, "total": Total, "raw": Raw}
urlpatterns = [path(f"{name}/", view.as_view()) for name, view in VIEWS.items()]
