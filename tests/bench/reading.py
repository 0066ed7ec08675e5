"""What readers wait for: kept pages and built ones, in small and large libraries, under load."""

import contextlib
import urllib.request
from collections.abc import Iterator

from tests.bench.libraries import Library, library
from tests.bench.load import Load, Loads, OneByOne
from tests.bench.measuring import Row
from tests.bench.servers import Server, baseline, missing
from tests.bench.sizes import Sizes

BROTLI = {"Accept-Encoding": "br"}
BASELINES = ("wsgi", "bare", "django-default")
HITS = {"home": "/", "post": "/posts/post-10/", "tag": "/tags/popular/", "feed": "/feed/"}
MISSES = {
    "home": "/",
    "post, 20 comments": "/posts/post-10/",
    "tag": "/tags/popular/",
    "archive": "/archive/",
}
SEARCH, SEARCH_MANY = "/search/?q=rare7", "/search/?q=word7"


def under_load(sizes: Sizes) -> Iterator[Row]:
    """Every row that needs servers; nothing where they cannot be measured apart from the load."""
    if why := missing():
        print(f"reading under load: skipped, {why}")
        return
    with contextlib.ExitStack() as stack:
        bases = {name: stack.enter_context(baseline(name)) for name in BASELINES}
        small, middle, large = (
            stack.enter_context(library(posts, talk, [*MISSES.values(), SEARCH]))
            for posts, talk in ((sizes.few, 0), (sizes.some, 0), (sizes.many, sizes.talk))
        )
        loads = Loads({name: Load(server, "/") for name, server in bases.items()})
        loads.update(_hits(small), **_misses(small, middle, large))
        loads.measure(sizes.seconds, sizes.rounds)
        yield from _against_baselines(loads, small, middle, sizes)
        yield from _growth(small, large, sizes)
        yield from _weights(small)


def _hits(small: Library) -> dict[str, Load]:
    loads = {f"hit, {name}": Load(small.server, path, BROTLI) for name, path in HITS.items()}
    tag = _etag(small.server, HITS["post"])
    loads["304, post"] = Load(small.server, HITS["post"], {**BROTLI, "If-None-Match": tag})
    for method in ("GET", "HEAD"):
        loads[f"{method}, post"] = OneByOne(small.server, HITS["post"], BROTLI, method)
    return loads


def _etag(server: Server, path: str) -> str:
    request = urllib.request.Request(f"http://127.0.0.1:{server.port}{path}", headers=BROTLI)
    return str(urllib.request.urlopen(request).headers["ETag"])


def _misses(small: Library, middle: Library, large: Library) -> dict[str, Load]:
    loads = {f"miss, {name}": Load(small.builder, path, BROTLI) for name, path in MISSES.items()}
    loads["archive of many"] = Load(large.builder, "/archive/")
    loads["search"] = Load(middle.server, SEARCH)
    session = {"Cookie": f"sessionid={small.facts['session']}"}
    loads["signed in, post"] = Load(small.server, "/posts/post-10/", session)
    return loads


def _against_baselines(
    loads: Loads, small: Library, middle: Library, sizes: Sizes
) -> Iterator[Row]:
    for name in BASELINES:
        yield Row(f"{name} / bare", loads.ratio(name, "bare"), note=loads.told(name))
    for name in [name for name in loads if name.startswith("hit")]:
        yield Row(f"{name} / bare", loads.ratio(name, "bare"), "≥ 4", note=loads.told(name))
        yield Row(f"{name} / wsgi", loads.ratio(name, "wsgi"), "≥ 0.75")
    for name, base in (("304, post", "hit, post"), ("HEAD, post", "GET, post")):
        yield Row(f"{name} / {base}", loads.ratio(name, base), "≥ 1", note=loads.told(name))
    for name, path in MISSES.items():
        miss = f"miss, {name}"
        yield Row(f"{miss} / bare", loads.ratio(miss, "bare"), "≥ 0.15", note=loads.told(miss))
        yield Row(f"{miss}, queries", small.facts["queries"][path], "≤ 6", "")
    name, many = "archive of many", f"archive of {sizes.many:,} posts"
    yield Row(f"{many} / bare", loads.ratio(name, "bare"), "≥ 0.003", note=loads.told(name))
    name = "search"
    yield Row(f"{name} / bare", loads.ratio(name, "bare"), "≥ 0.1", note=loads.told(name))
    yield Row(f"{name}, queries", middle.facts["queries"][SEARCH], "", "")
    name = "signed in, post"
    yield Row(f"{name} / bare", loads.ratio(name, "bare"), "≥ 0.1", note=loads.told(name))
    yield Row(f"{name}, queries", small.facts["signed in"], "≤ 10", "")


def _growth(small: Library, large: Library, sizes: Sizes) -> Iterator[Row]:
    """Seconds between answers in the large library against the small one."""
    targets = {
        "hit, home": ("/", "≤ 1.1"),
        "miss, home": ("/", "≤ 1.5"),
        "miss, post": ("/posts/post-10/", "≤ 1.5"),
        "miss, feed": ("/feed/", "≤ 1.5"),
        "deep page": ("/?before={middle}", "≤ 1.5"),
        "oldest page": ("/?page=last", "≤ 1.5"),
        "popular tag": ("/tags/popular/", "≤ 1.5"),
        "popular tag, deep": ("/tags/popular/?before={middle}", "≤ 1.5"),
        "archive": ("/archive/", ""),  # counted by month; see its own row
        "sitemap": ("/sitemap.xml", "≤ 1.5"),
        "search, as many found": (SEARCH, "≤ 2"),
        "search, a fiftieth found": (SEARCH_MANY, ""),
    }
    loads = Loads()
    for name, (path, _) in targets.items():
        for size, place in (("few", small), ("many", large)):
            server = place.server if name.startswith("hit") else place.builder
            loads[f"{name} {size}"] = Load(server, path.format(**place.facts), BROTLI)
    for name, query in (("first page", ""), ("last page", "?comments=last"), ("permalink", None)):
        targets[f"comments, {name}"] = ("", "≤ 1.5")
        for size, slug in (("few", "post-11"), ("many", "post-12")):
            path = f"/posts/{slug}/{query}"
            if query is None:
                path = f"/comments/{large.facts['talk'][slug]}/"
            loads[f"comments, {name} {size}"] = Load(large.builder, path, BROTLI)
    loads.measure(sizes.seconds, sizes.rounds)
    for name, (_, target) in targets.items():
        growth = loads.took[f"{name} many"] / loads.took[f"{name} few"]
        told = f"{loads.told(f'{name} few')} → {loads.told(f'{name} many')}"
        few, many = (100, sizes.talk) if name.startswith("comments") else (sizes.few, sizes.many)
        yield Row(f"{few:,} → {many:,}: {name}", growth, target, note=told)


def _weights(small: Library) -> Iterator[Row]:
    for path, found in small.facts["weights"].items():
        yield Row(f"HTML of {path} without its text", found["html"] / 1000, "≤ 8", "kB")
    yield Row("style sheets and scripts", found["assets"] / 1000, "≤ 30", "kB")
