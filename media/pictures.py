"""Which rows show an original, and what they know of its renditions.

Beside an image field lies a JSON field named after it with `_renditions`: `Facts` about the
image.  They come with the row wherever it is shown, so no list costs a query more.
"""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from django.apps import apps
from django.db import models
from django.db.models.fields.files import ImageFieldFile

from media.files import delete_unreferenced
from media.renditions import SQUARES, Facts, Pictures, rendition_name, widths_for
from media.signals import renditions_made
from signalflow import note

SUFFIX = "_renditions"
UNKNOWN_BYTES = 500_000  # a photograph of MAX_SIDE


class Place(NamedTuple):
    """An image field whose originals have renditions."""

    model: type[models.Model]
    field: str

    @property
    def is_square(self) -> bool:
        return _of(self.model).are_square

    @property
    def make(self) -> Callable[[str], Facts]:
        from media.scaling import make_scaled, make_squares  # noqa: PLC0415 - Pillow

        return make_squares if self.is_square else make_scaled

    @property
    def owner(self) -> str:
        """The column that says whose its pictures are."""
        return _of(self.model).owner

    def rows(self, name: str) -> models.QuerySet[Any]:
        return self.model._base_manager.filter(**{self.field: name})

    def known(self, name: str) -> Facts | None:
        """What some row knows of this original, if that is all there is to know."""
        held = self.rows(name).values_list(self.field + SUFFIX, flat=True)
        return next((facts for facts in held if self.is_complete(name, facts)), None)

    def is_complete(self, name: str, facts: Facts) -> bool:
        """Whether these facts name every rendition the site would make of it today."""
        from media.scaling import supported  # noqa: PLC0415 - Pillow

        widths = list(SQUARES) if self.is_square else widths_for(facts.get("width", 0))
        kinds = ["webp"] if self.is_square else supported()
        found = (facts.get("of"), facts.get("widths"), facts.get("formats"))
        return found == (name, widths, kinds)

    def originals(self, *, lacking: bool) -> set[str]:
        """Every original that a row shows, or only those of which some row lacks renditions."""
        held = self.model._base_manager.exclude(**{self.field: ""})
        rows = held.values_list(self.field, self.field + SUFFIX)
        return {name for name, facts in rows if not (lacking and self.is_complete(name, facts))}


def _of(model: type[models.Model]) -> Pictures:
    declared: Pictures = model.pictures  # type: ignore[attr-defined]  # see `Pictures`
    return declared


def places() -> Iterator[Place]:
    """Every image field that has a field for its renditions beside it."""
    for model in apps.get_models():
        names = {field.name for field in model._meta.concrete_fields}
        yield from (
            Place(model, name.removesuffix(SUFFIX)) for name in names if name.endswith(SUFFIX)
        )


def originals(*, lacking: bool = False) -> list[str]:
    """The stored originals that rows show, each once; see `Place.originals`."""
    return sorted(set().union(*(place.originals(lacking=lacking) for place in places())))


def bytes_kept(user: Any) -> int:
    """What the originals of this person's pictures take; of some the site never knew the size."""
    held = (
        place.model._base_manager.filter(**{place.owner: user})
        .exclude(**{place.field: ""})
        .values_list(place.field + SUFFIX, flat=True)
        for place in places()
    )
    return sum(facts.get("bytes", UNKNOWN_BYTES) for rows in held for facts in rows)


def ensure_renditions(name: str, *, anew: bool = False) -> int:
    """Make what an original lacks, and tell every row that shows it; says how many rows.

    With `anew` its renditions are written once more.  Call it outside a transaction: image work
    takes long.  Raises FileNotFoundError if the original is gone, BrokenImageError if it cannot be
    read.
    """
    return sum(_ensure(place, name, anew) for place in places() if place.rows(name).exists())


def _ensure(place: Place, name: str, anew: bool) -> int:
    facts = (None if anew else place.known(name)) or place.make(name)
    told = place.rows(name).update(**{place.field + SUFFIX: facts})
    if not told:  # let go of while the files were written, so nobody else will remove them
        delete_unreferenced(name)
        return 0
    note("renditions made", count=len(facts["widths"]) * len(facts["formats"]))
    renditions_made.send(sender=place.model, name=name)
    return told


class Source(NamedTuple):
    """One format of an image, as a browser is offered it."""

    type: str
    srcset: str


def facts_of(image: ImageFieldFile) -> Facts:
    """What its row knows of this image: nothing if the facts are another one's."""
    facts: Facts = getattr(image.instance, f"{image.field.name}{SUFFIX}")
    return facts if facts.get("of") == image.name else {}


def sources(image: ImageFieldFile) -> list[Source]:
    """The formats an image exists in, the preferred one first; none before they were made."""
    facts, name = facts_of(image), str(image.name)
    place = Place(type(image.instance), image.field.name)
    limit = max(SQUARES) if place.is_square else facts.get("width", 0)

    def srcset(kind: str) -> str:
        return ", ".join(
            f"{image.storage.url(rendition_name(name, each, kind))} {min(each, limit)}w"
            for each in facts["widths"]
        )

    return [Source(f"image/{kind}", srcset(kind)) for kind in facts.get("formats", [])]
