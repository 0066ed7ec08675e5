"""Making the index say what is public now; running it again changes nothing."""

import html
from collections.abc import Iterable
from typing import Any

from django.db import transaction

from blog.models import Post
from blog.rendering.pipeline import plain_text
from listeners.search.analysis import VERSION, terms
from listeners.search.models import FIELDS, Document
from signalflow import note

Words = dict[str, Any]


def words_of(post: Post) -> Words:
    """What can be found of a post, as its readers see it."""
    return {
        "title": post.title,
        "summary": post.summary,
        "tags": ", ".join(tag.name for tag in post.tags.all()),
        "author": post.author.public_name,
        "body": html.unescape(plain_text(post.body_html)),
    }


def document_of(post: Post) -> Words:
    """The values of the document of a post."""
    words = words_of(post)
    found = {name: terms(words[name]) for name in FIELDS}
    return {**found, "text": words["body"], "analysis": VERSION}


def index_post(pk: int) -> None:
    """Index a post as it is now, or remove what is not public (any more)."""
    with transaction.atomic():
        # Under the row's lock two runs cannot overtake each other with older words.
        post = Post.objects.select_for_update().filter(pk=pk).first()
        if post is not None and post.is_public:
            Document.objects.update_or_create(post_id=pk, defaults=document_of(post))
            note("search indexed", post=pk)
        elif Document.objects.filter(post_id=pk).delete()[0]:
            note("search forgot", post=pk)


def index_posts(pks: Iterable[int]) -> None:
    """Index several posts, each in a transaction of its own."""
    for pk in pks:
        index_post(pk)


def wrong_documents() -> list[int]:
    """The ids of posts that the index lacks, has wrongly, or has although they are not public."""
    short = [name for name in FIELDS if name != "body"]
    # Terms follow from the text and the version: the long ones are compared by what made them.
    rows = Document.objects.values_list("post_id", "text", "analysis", *short)
    indexed = {pk: tuple(known) for pk, *known in rows.iterator(chunk_size=500)}
    posts = Post.objects.published().select_related("author__profile").prefetch_related("tags")
    wrong = []
    for post in posts.iterator(chunk_size=500):
        words = words_of(post)
        right = (words["body"], VERSION, *(terms(words[name]) for name in short))
        if indexed.pop(post.pk, None) != right:
            wrong.append(post.pk)
    return wrong + list(indexed)
