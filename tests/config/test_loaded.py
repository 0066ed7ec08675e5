"""What a web worker has in memory: not what only writers need."""

import json

from tests.site import Site

WRITE = """
from django.contrib.auth.models import Group
from accounts.models import User
from blog import services
ada = User.objects.create_user("ada", "ada@example.org")
ada.groups.add(Group.objects.get(name="Author"))
services.publish(services.create_post(ada, title="Mirrors", body="*Light.*"), by=ada)
"""
# Without rich, as everywhere but in development: structlog would load it, and it all of Pygments.
READ = """
import json, sys
sys.modules["rich"] = None
from config.wsgi import application
from tests.wsgi import ask
said = {path: ask(application, path)[0] for path in PATHS}
print(json.dumps([said, sorted(sys.modules)]))
"""
WRITERS = {
    *("PIL", "markdown_it", "mdit_py_plugins", "pygments", "nh3"),
    *("media.scaling", "media.uploads", "blog.social_images.drawing", "blog.rendering.markdown"),
}


def modules_after(site: Site, *paths: str) -> set[str]:
    """What a process has loaded that answered these addresses, each with 200."""
    reader = site.start(
        "-c", READ.replace("PATHS", repr(paths)), DJANGO_SETTINGS_MODULE="config.settings"
    )
    out, err = reader.communicate(timeout=60)
    assert reader.returncode == 0, err
    said, modules = json.loads(out)
    assert said == dict.fromkeys(paths, "200 OK")
    return set(modules)


def test_readers_load_nothing_of_what_writers_need(site: Site) -> None:
    site.python(WRITE)
    loaded = modules_after(site, "/", "/posts/mirrors/", "/archive/", "/search/?q=light")
    assert not WRITERS & loaded
    assert WRITERS & modules_after(site, "/feed/") == {"nh3"}
