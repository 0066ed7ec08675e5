"""What a page says of an image: its size, and the renditions a browser may choose from."""

from django import template
from django.db.models.fields.files import ImageFieldFile

from media import pictures
from media.renditions import Facts

register = template.Library()


@register.filter
def facts(image: ImageFieldFile) -> Facts:
    """Width and height in pixels, as the row knows them: no file is opened for a page."""
    return pictures.facts_of(image)


@register.filter
def sources(image: ImageFieldFile) -> list[pictures.Source]:
    """The formats to offer before the original, the preferred one first."""
    return pictures.sources(image)
