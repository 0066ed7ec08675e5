"""The CDNs we know: what each wants to hear with a page, and how it is told to forget one."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings

from pagecache import SITE

# Both read 16 kB of tags and drop what is beyond.  nginx reads all headers of an answer into
# 4 kB, of which ours take about one, and refuses an answer with more.
TAGS_LENGTH = 2_500


@dataclass(frozen=True, slots=True)
class Call:
    """One POST to the API of a CDN."""

    path: str
    body: bytes
    headers: dict[str, str] = field(repr=False)  # the token is among them


@dataclass(frozen=True, slots=True)
class Provider:
    """One kind of CDN.  `batch` is how many tags its API takes at once."""

    name: str
    tags_header: str
    separator: str
    age_header: str
    batch: int
    purge: Callable[[str, Sequence[str]], tuple[str, dict[str, Any]]]
    authorize: Callable[[str], dict[str, str]]


def _purge_cloudflare(zone: str, tags: Sequence[str]) -> tuple[str, dict[str, Any]]:
    """POST /zones/{id}/purge_cache, which takes tags or everything."""
    body = {"purge_everything": True} if SITE in tags else {"tags": list(tags)}
    return f"/zones/{zone}/purge_cache", body


def _purge_fastly(service: str, tags: Sequence[str]) -> tuple[str, dict[str, Any]]:
    """POST /service/{id}/purge or purge_all."""
    if SITE in tags:
        return f"/service/{service}/purge_all", {}
    return f"/service/{service}/purge", {"surrogate_keys": list(tags)}


# developers.cloudflare.com/cache/how-to/purge-cache: 100 tags a request on every plan;
# fastly.com/documentation/reference/api/purging: 256 keys in one batch.
PROVIDERS = {
    "cloudflare": Provider(
        name="Cloudflare",
        tags_header="Cache-Tag",
        separator=",",
        age_header="CDN-Cache-Control",
        batch=100,
        purge=_purge_cloudflare,
        authorize=lambda token: {"Authorization": f"Bearer {token}"},
    ),
    "fastly": Provider(
        name="Fastly",
        tags_header="Surrogate-Key",
        separator=" ",
        age_header="Surrogate-Control",
        batch=256,
        purge=_purge_fastly,
        authorize=lambda token: {"Fastly-Key": token},
    ),
}


@dataclass(frozen=True, slots=True)
class Cdn:
    """The CDN in front of this site; see `config.backends.cdn`.  `max_age` is in seconds."""

    provider: Provider
    api: str
    id: str
    max_age: int
    token: str = field(repr=False)

    def call(self, tags: Sequence[str]) -> Call:
        """The request that lets it forget all pages with one of these tags."""
        path, body = self.provider.purge(self.id, tags)
        said = {"Accept": "application/json", "Content-Type": "application/json"}
        said["User-Agent"] = f"Heliograph (+{settings.SITE_URL})"
        return Call(path, json.dumps(body).encode(), said | self.provider.authorize(self.token))


def configured() -> Cdn | None:
    """The CDN in front of this site, None where there is none."""
    told = settings.CDN
    if told is None:
        return None
    provider = PROVIDERS[told["SERVICE"]]
    return Cdn(provider, told["API"], told["ID"], told["MAX_AGE"], told["TOKEN"])


def tag_of(topic: str) -> str:
    """A topic as a tag: no CDN promises to take a star for a letter."""
    return topic.replace(":*", ":all")
