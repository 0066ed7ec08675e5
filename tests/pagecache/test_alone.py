"""The page cache in a project that has nothing else of this site."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROJECT = """
import sys

import django
from django.conf import settings

TEMPLATES = {
    "base.html": "<p>For {{ request.user }}</p>{% block content %}{% endblock %}",
    "groups.html": "{% extends frame|default:'base.html' %}{% block content %}"
    "{% for group in groups %}<li>{{ group.name }}{% endfor %}{% endblock %}",
    "_blocks.html": "{% block content %}{% endblock %}",
    "_framed.html": "{% extends 'base.html' %}"
    "{% block content %}{{ blocks.content }}{% endblock %}",
}
settings.configure(
    SECRET_KEY="lamp",
    ALLOWED_HOSTS=["testserver"],
    ROOT_URLCONF="__main__",
    INSTALLED_APPS=[
        "pagecache",
        "django.contrib.contenttypes",
        "django.contrib.auth",
        "django.contrib.sessions",
    ],
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
    ],
    TEMPLATES=[{
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "OPTIONS": {
            "loaders": [("django.template.loaders.locmem.Loader", TEMPLATES)],
            "context_processors": ["django.template.context_processors.request"],
        },
    }],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    USE_TZ=True,
)
django.setup()

from django.contrib.auth.models import Group, User
from django.core.checks import run_checks
from django.core.handlers.wsgi import WSGIHandler
from django.core.management import call_command
from django.db import transaction
from django.test import Client, RequestFactory
from django.test.utils import override_settings
from django.urls import path
from django.views.generic import ListView

from pagecache import (
    PageCacheWSGI, SignedInPage, depends_on, invalidate, pages_invalidated, response_headers,
)


class Groups(SignedInPage, ListView):
    template_name = "groups.html"
    context_object_name = "groups"
    block_names = ("content",)

    def get_queryset(self):
        depends_on("groups")
        return Group.objects.order_by("name")


urlpatterns = [path("", Groups.as_view())]
asked, ended = [], []


class Django(WSGIHandler):
    def __call__(self, environ, start_response):
        asked.append(environ["PATH_INFO"])
        return super().__call__(environ, start_response)


site = PageCacheWSGI(Django())


def read():
    environ = RequestFactory().get("/", HTTP_HOST="testserver").environ
    return b"".join(site(environ, lambda status, headers: None)).decode()


def hear(tags, **kwargs):
    ended.append(tags)


call_command("migrate", verbosity=0)
call_command("check")
pages_invalidated.connect(hear)
response_headers.register(lambda tags, seconds, is_fresh: {"Surrogate-Key": " ".join(tags)})
assert "<li>" not in read() and "<li>" not in read() and len(asked) == 1, "the second is stored"
assert ended == []
with transaction.atomic():
    Group.objects.create(name="keepers")
    assert not ended
assert ended == [["table:auth_group"]], "though nobody said a word"
assert "<li>keepers" in read() and "<li>keepers" in read() and len(asked) == 2
invalidate("groups")
assert "<li>keepers" in read() and ended[1:] == [["groups"]] and len(asked) == 3
assert "groups" in Client().get("/", HTTP_HOST="testserver")["Surrogate-Key"].split()
rita = Client()
rita.force_login(User.objects.create_user("rita"))
page = rita.get("/").content.decode()
assert "For rita" in page and "<li>keepers" in page, page
assert "rita" not in read()
with override_settings(PAGECACHE={"PROCESSES": 2}):
    assert [error.id for error in run_checks()] == ["pagecache.E001"]
others = {"config", "media", "accounts", "blog", "comments", "listeners", "signalflow"}
assert not others & set(sys.modules), others & set(sys.modules)
print("done")
"""


def test_it_works_and_imports_nothing_of_the_site() -> None:
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r})\n{PROJECT}"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd="/",
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("done\n")
