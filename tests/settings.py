"""The product's settings with what makes a test run quick and leave nothing behind."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

# Each process, each xdist worker too, keeps its database file, cache and media apart.
_directory = tempfile.mkdtemp(prefix="heliograph-tests-")
atexit.register(shutil.rmtree, _directory, ignore_errors=True)
os.environ["DATA_DIR"] = _directory
Path(_directory, "static").mkdir()  # WhiteNoise warns without it

# What an operator has set for a site must not change what the tests find.
for _name in (
    "ALLOWED_HOSTS",
    "CDN_URL",
    "DEBUG",
    "EMAIL_URL",
    "MAIL_FROM",
    "SITE_NAME",
    "SITE_TAGLINE",
    "SITE_URL",
    "WEBHOOK_PRIVATE_NETWORKS",
):
    os.environ.pop(_name, None)


def _cache_url_of_worker(url: str) -> str:
    """Give each xdist worker a Redis database of its own: clearing one empties all of it.

    They follow the one that is named, so that two runs at once can stay apart.
    """
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    parts = urlsplit(url)
    named = parts.path.strip("/") or "0"
    return urlunsplit(parts._replace(path=f"/{int(named) + int(worker) + 1}"))


if os.environ.get("CACHE_URL", "").startswith("redis"):
    os.environ["CACHE_URL"] = _cache_url_of_worker(os.environ["CACHE_URL"])

from config.settings import *  # noqa: E402, F403 - the lines above come first
from config.settings import DATABASES, INSTALLED_APPS, SIGNALFLOW, STORAGES  # noqa: E402

if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A file, not memory: tests with threads and processes need several real connections.
    DATABASES["default"]["TEST"] = {"NAME": str(Path(_directory) / "test.sqlite3")}

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # weak, quick
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
SIGNALFLOW["CHECK_TYPES"] = True  # a signal sent with the wrong arguments fails its test
INSTALLED_APPS += ["tests.pagecache.gallery"]  # an app that tells the page cache nothing
