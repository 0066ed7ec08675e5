"""Times are shown in one's own zone, and a zone nobody knows any more closes no page."""

from datetime import UTC, datetime

import pytest
from django.utils import timezone

from accounts.models import UserPreferences
from accounts.services import update_preferences
from blog.models import Post

pytestmark = pytest.mark.django_db(transaction=True)

NEW_YEAR = datetime(2025, 12, 31, 23, 30, tzinfo=UTC)


@pytest.fixture
def new_year(write, rita) -> str:
    post = write("Fireworks", public=True)
    Post._base_manager.filter(pk=post.pk).update(published_at=NEW_YEAR)
    return post.get_absolute_url()


def test_each_reader_sees_their_own_day(client, new_year, rita) -> None:
    assert "31 December 2025" in client.get(new_year).content.decode()
    client.force_login(rita)
    update_preferences(rita, time_zone="Asia/Tokyo")
    assert "1 January 2026" in client.get(new_year).content.decode()
    assert timezone.get_current_timezone_name() == "UTC", "nothing is left for the next request"


def test_a_zone_is_not_left_behind_by_an_error(client, rita) -> None:
    update_preferences(rita, time_zone="Asia/Tokyo")
    client.force_login(rita)
    assert client.get("/posts/none/").status_code == 404
    assert timezone.get_current_timezone_name() == "UTC"


@pytest.mark.parametrize("name", ["Mars/Olympus_Mons", "", "../../etc/passwd", "US/Pacific-New"])
def test_an_unknown_zone_closes_no_page(client, new_year, rita, name) -> None:
    """Zones leave the database of the machine, and come along from another one in a backup."""
    UserPreferences.objects.filter(user=rita).update(time_zone=name)
    client.force_login(rita)
    for page in ("/", new_year, "/accounts/settings/"):
        assert client.get(page).status_code == 200


def test_the_form_refuses_an_unknown_zone(client, rita) -> None:
    client.force_login(rita)
    answer = client.post("/accounts/settings/", {"theme": "dark", "time_zone": "Mars/Olympus"})
    assert answer.status_code == 200
    assert answer.context["form"].errors["time_zone"]
    assert UserPreferences.objects.get(user=rita).theme == "system"
