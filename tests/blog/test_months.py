"""Years and months are the site's: from wherever one looks, an address has the same posts."""

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.services import update_preferences
from blog import counting
from blog.models import Listing, Post
from blog.months import Period, month_of
from blog.services import edit_post
from signalflow.testing import run_deliveries
from tests.blog.listing.test_paging import read, shelve
from tests.cast import person

pytestmark = pytest.mark.django_db(transaction=True)

LATE = datetime(2019, 12, 31, 23, 30, tzinfo=UTC)


def reader(zone: str) -> Client:
    user = person(f"reader-{zone.partition('/')[2].lower()}")
    update_preferences(user, time_zone=zone)
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def late(write) -> Post:
    """Published at the end of a year, as the clocks of UTC have it."""
    return published(write("Late light", tags=["sun"], public=True), LATE)


def published(post: Post, at: datetime) -> Post:
    post.published_at = at
    post.save(update_fields=["published_at"])
    run_deliveries()
    counting.recount_author(post.author_id)
    return post


@pytest.mark.expects_errors
@pytest.mark.parametrize("zone", [None, "Asia/Tokyo", "America/New_York", "Pacific/Kiritimati"])
def test_an_address_leads_everybody_to_the_same_posts(late, zone) -> None:
    client = reader(zone) if zone else Client()
    for path in ("/archive/2019/", "/archive/2019/12/"):
        page = client.get(path).content.decode()
        assert "Late light" in page, path
        assert re.search(rf'rel="canonical"\s+href="http://127.0.0.1:8000{path}"', page)
    assert "December 2019" in page
    for path in ("/archive/2020/", "/archive/2020/1/", "/archive/2019/11/"):
        assert client.get(path).status_code == 404, path
    overview = client.get("/archive/").content.decode()
    assert re.findall(r'href="(/archive/\d[^"]*)"', overview) == [
        "/archive/2019/",
        "/archive/2019/12/",
    ]


@pytest.mark.parametrize("zone", [None, "Asia/Tokyo", "America/New_York"])
def test_so_does_the_search_of_a_year(late, write, zone) -> None:
    published(write("Earlier light", public=True), LATE - timedelta(days=400))
    client = reader(zone) if zone else Client()
    offered = re.findall(r"year=(\d+)", client.get("/search/?q=light").content.decode())
    assert sorted(set(offered)) == ["2018", "2019"]
    for year, is_found in (("2019", True), ("2020", False)):
        page = client.get("/search/", {"q": "light", "year": year}).content.decode()
        assert ("/posts/late-light/" in page) == is_found, year


def test_times_are_shown_in_the_zone_of_the_reader(late) -> None:
    page = reader("Asia/Tokyo").get("/archive/2019/12/").content.decode()
    assert "1 Jan" in page
    assert "December 2019" in page


def test_the_sitemap_has_the_days_of_the_site(late) -> None:
    late.save()
    pages = {
        re.sub(rb"\s", b"", client.get("/sitemap.xml").content)
        for client in (Client(), reader("Pacific/Kiritimati"), reader("America/New_York"))
    }
    assert len(pages) == 1


@pytest.mark.parametrize(
    ("zone", "month"),
    [("UTC", "2019/12"), ("Asia/Tokyo", "2020/1"), ("America/New_York", "2019/12")],
)
def test_the_zone_of_the_site_decides(settings, write, zone, month) -> None:
    settings.TIME_ZONE = zone
    published(write("Late light", public=True), LATE)
    assert "Late light" in Client().get(f"/archive/{month}/").content.decode()
    assert f'href="/archive/{month}/"' in Client().get("/archive/").content.decode()


@pytest.mark.parametrize("zone", ["UTC", "Asia/Tokyo", "America/New_York", "Pacific/Kiritimati"])
def test_the_archive_counts_what_its_pages_list(ada, settings, zone) -> None:
    settings.TIME_ZONE = zone
    shelve(120, ada, timedelta(hours=17))
    page = Client().get("/archive/").content.decode()
    months = re.findall(r'href="(/archive/\d+/\d+/)".*?posts: </span>([\d,]+)<', page, re.DOTALL)
    assert len(months) >= 3
    assert sum(int(count) for _, count in months) == 120
    for path, count in months:
        listed, step = 0, path
        while step:
            slugs, _, links = read(step)
            listed, step = listed + len(slugs), links.get("Older posts")
        assert listed == int(count), path
        assert f"{count} post" in Client().get(path).content.decode()


@pytest.mark.expects_errors
def test_another_zone_is_found_and_the_months_rewritten(settings, late, capsys) -> None:
    call_command("reconcile", "--check")
    settings.TIME_ZONE = "Asia/Tokyo"
    with pytest.raises(CommandError):
        call_command("reconcile", "--check")
    assert f"lists of post {late.pk}: not where it belongs" in capsys.readouterr().out
    call_command("reconcile")
    call_command("reconcile", "--check")
    assert set(Listing.objects.values_list("month", flat=True)) == {date(2020, 1, 1)}
    assert 'href="/archive/2020/1/"' in Client().get("/archive/").content.decode()
    assert "Late light" in Client().get("/archive/2020/1/").content.decode()
    assert Client().get("/archive/2019/12/").status_code == 404


def test_a_month_changes_with_its_post(late) -> None:
    published(late, LATE + timedelta(hours=1))
    assert set(Listing.objects.values_list("month", flat=True)) == {date(2020, 1, 1)}
    edit_post(late, by=None, version=late.version, tags=[])
    assert set(Listing.objects.values_list("list", flat=True)) == {
        "site",
        f"author:{late.author_id}",
    }


@pytest.mark.parametrize("zone", ["America/St_Johns", "Africa/Cairo", "Pacific/Apia", "Asia/Tokyo"])
def test_each_moment_is_in_the_one_period_that_has_its_month(settings, zone) -> None:
    """St. John's set its clocks back at 00:01 on 1 November 2009, to October for a while."""
    settings.TIME_ZONE = zone
    moment, end = datetime(2009, 10, 30, tzinfo=UTC), datetime(2009, 11, 3, tzinfo=UTC)
    while moment < end:
        month = month_of(moment)
        period = Period(month.year, month.month)
        assert period.first == month
        assert period.begin <= moment < period.end, moment
        moment += timedelta(minutes=10)


def test_a_month_that_has_begun_is_not_taken_back(settings) -> None:
    settings.TIME_ZONE = "America/St_Johns"
    second = datetime(2009, 10, 31, 23, 30, fold=1, tzinfo=ZoneInfo("America/St_Johns"))
    assert month_of(second) == date(2009, 11, 1)
    assert month_of(second - timedelta(hours=2)) == date(2009, 10, 1)


@pytest.mark.parametrize(
    "named", [(0,), (1,), (9999,), (10**12, 1), (2019, 0), (2019, 13), (2019, 10**12)]
)
def test_what_is_no_period(named) -> None:
    with pytest.raises(ValueError, match=str(named[0])):
        Period(*named)
