"""Real pictures in real sizes, and what the site made of them."""

import io
from typing import Any

from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from blog.models import Post


def photo(
    width: int = 2000, height: int = 1000, mode: str = "RGB", kind: str = "PNG"
) -> SimpleUploadedFile:
    buffer = io.BytesIO()
    gradient = Image.linear_gradient("L").resize((width, height)).convert(mode)
    gradient.save(buffer, kind)
    return SimpleUploadedFile(f"x.{kind.lower()}", buffer.getvalue(), f"image/{kind.lower()}")


def size(name: str) -> tuple[str, tuple[int, int]]:
    with default_storage.open(name) as file, Image.open(file) as image:
        image.load()
        return str(image.format), image.size


def facts(post: Post) -> dict[str, Any]:
    return Post.objects.get(pk=post.pk).image_renditions
