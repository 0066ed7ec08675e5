"""What ARCHITECTURE.md says is so: the files it names, its length, its example letter by letter."""

import re
from pathlib import Path

import pytest

from tests.site import ROOT, Site

TEXT = (ROOT / "ARCHITECTURE.md").read_text()

# The parts the page leaves to the reader: the app, its template and its route.
CONFIG = """
from django.apps import AppConfig

class PartnersConfig(AppConfig):
    name = "partners"

    def ready(self):
        from partners import receivers
"""
TEMPLATE = """{% extends frame %}
{% block content %}<ul>{% for partner in object_list %}<li>{{ partner.name }}</li>{% endfor %}</ul>
{% endblock content %}
"""
LIVE = """
from django.db import connection, transaction
from django.test import Client
from django.urls import path
from accounts.models import User
from config import urls
from pagecache import pages
from partners.models import Partner
from partners.views import PartnerListView

NAMES = ["Ada", "Ben", "Eve"]
with connection.schema_editor() as editor:
    editor.create_model(Partner)
urls.urlpatterns.insert(0, path("partners/", PartnerListView.as_view()))
visitor, reader = Client(headers={"host": "127.0.0.1"}), Client(headers={"host": "127.0.0.1"})
reader.force_login(User.objects.create_user("rita", "rita@example.org"))

def seen():
    for client in (visitor, reader):
        client.get("/partners/")  # stored now, if anything is
    texts = [client.get("/partners/").content.decode() for client in (visitor, reader)]
    return [[name for name in NAMES if f"<li>{name}</li>" in text] for text in texts]

result = [seen()]
ada = Partner.objects.create(name="Ada")
result.append(seen())
result.append(bool(pages.pages.get("/partners/")))
ada.name = "Eve"
ada.save()
Partner.objects.create(name="Ben")
result.append(seen())
try:
    with transaction.atomic():
        ada.delete()
        raise RuntimeError
except RuntimeError:
    result.append(seen())
Partner.objects.all().delete()
result.append(seen())
"""


def test_it_names_no_file_that_is_not_there() -> None:
    named = set(re.findall(r"`((?:\w+/)+(?:\w+\.\w+)?)`", TEXT))

    example = {name for name in named if name.startswith("partners/")}
    assert len(named - example) > 20
    assert sorted(name for name in named - example if not (ROOT / name).exists()) == []


def test_it_is_read_in_one_sitting() -> None:
    assert len(TEXT.split()) <= 1_700


@pytest.mark.parametrize("declares", [False, True])
def test_its_example_is_on_the_page_with_the_next_request(
    site: Site, tmp_path: Path, declares: bool
) -> None:
    app = tmp_path / "partners"
    (app / "templates" / "partners").mkdir(parents=True)
    (app / "templates" / "partners" / "partner_list.html").write_text(TEMPLATE)
    (app / "__init__.py").touch()
    (app / "apps.py").write_text(CONFIG)
    files = re.findall(r"`partners/(\w+\.py)`:\n\n```python\n(.*?)```", TEXT, re.DOTALL)
    assert [name for name, _ in files] == ["models.py", "views.py", "models.py", "receivers.py"]
    (app / "receivers.py").touch()
    for name, code in files if declares else files[:2]:
        (app / name).write_text(code)

    before, first, is_stored, second, undone, none = site.python(
        LIVE, SETTINGS="tests.settings_with", WITH="partners", PYTHONPATH=str(tmp_path)
    )

    assert before == [[], []]
    assert first == [["Ada"], ["Ada"]]
    assert is_stored
    assert second == undone == [["Ben", "Eve"], ["Ben", "Eve"]]
    assert none == [[], []]
