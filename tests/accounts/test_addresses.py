"""Where a request came from: believed only as far as our own proxies say it."""

import pytest
from django.test import Client, RequestFactory

from accounts.addresses import client_address
from accounts.models import User
from listeners.audit.models import AuditEntry

PROXIES = ["10.0.0.0/8", "2001:db8::/32"]

# REMOTE_ADDR, X-Forwarded-For, what we believe with PROXIES trusted
CASES = [
    ("203.0.113.9", "", "203.0.113.9"),
    ("203.0.113.9", "198.51.100.1", "203.0.113.9"),  # a visitor who writes the header
    ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
    ("10.0.0.1", "1.1.1.1, 198.51.100.1", "198.51.100.1"),  # spoofed first, then our proxy's word
    ("10.0.0.1", "1.1.1.1, 198.51.100.1, 10.0.0.2", "198.51.100.1"),  # two proxies
    ("10.0.0.1", "10.9.9.9, 198.51.100.1, 10.0.0.3, 10.0.0.2", "198.51.100.1"),
    ("10.0.0.1", "10.0.0.2", "10.0.0.2"),  # somebody inside
    ("10.0.0.1", "", "10.0.0.1"),
    ("10.0.0.1", " , ,198.51.100.1 ,", "198.51.100.1"),
    ("2001:db8::1", "2a00::5", "2a00::5"),
    ("10.0.0.1", "<script>", ""),
    ("10.0.0.1", "unknown", ""),
    ("", "198.51.100.1", ""),  # a socket file: nothing is known
    ("not an address", "198.51.100.1", ""),
]


@pytest.mark.parametrize(("remote", "forwarded", "expected"), CASES)
def test_only_trusted_proxies_are_believed(settings, remote, forwarded, expected) -> None:
    settings.TRUSTED_PROXIES = PROXIES
    headers = {"HTTP_X_FORWARDED_FOR": forwarded} if forwarded else {}
    assert client_address(RequestFactory().get("/", REMOTE_ADDR=remote, **headers)) == expected


@pytest.mark.parametrize(("remote", "forwarded", "expected"), CASES)
def test_without_a_proxy_the_header_is_any_visitors(settings, remote, forwarded, expected) -> None:
    settings.TRUSTED_PROXIES = []
    request = RequestFactory().get("/", REMOTE_ADDR=remote, HTTP_X_FORWARDED_FOR=forwarded)
    assert client_address(request) == (remote if remote[:1] in {"1", "2"} else "")


# -- on record ----------------------------------------------------------------------------------


def sign_in(client: Client, login: str, password: str = "correct horse") -> int:  # noqa: S107
    return client.post("/accounts/login/", {"login": login, "password": password}).status_code


@pytest.fixture
def confirmed(rita) -> User:
    return rita


@pytest.mark.django_db(transaction=True)
def test_coming_going_and_failing_are_on_record_with_the_address(settings, confirmed) -> None:
    settings.TRUSTED_PROXIES = PROXIES
    client = Client(REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR="6.6.6.6, 198.51.100.1")
    assert sign_in(client, "rita", "wrong") == 200
    assert sign_in(client, "rita") == 302
    assert client.post("/accounts/logout/").status_code == 302
    rows = AuditEntry.objects.order_by("pk").values_list("verb", "actor_name", "address")
    assert list(rows) == [
        ("failed to sign in", "", "198.51.100.1"),
        ("signed in", "rita", "198.51.100.1"),
        ("signed out", "rita", "198.51.100.1"),
    ]
    assert AuditEntry.objects.filter(verb="failed to sign in").get().target_label == "rita"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("login", ["rita", "RITA", "rita@example.org", "Rita@Example.ORG"])
def test_people_sign_in_by_name_or_address(client, confirmed, login) -> None:
    assert sign_in(client, login) == 302
    assert client.get("/accounts/profile/").status_code == 200
    (entry,) = AuditEntry.objects.all()
    assert (entry.verb, entry.actor_name) == ("signed in", "rita")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "forged",
    [
        "rita\nsigned in admin",
        "rita\r\n2026-01-01 admin signed in",
        "rita\x1b[2K\x1b[1Aadmin",
        "rita\u2028admin\u2029root\x85",
        "\u202enimda",
        "x" * 10_000,
        "<script>alert(1)</script>",
    ],
)
def test_a_name_forges_no_second_entry(client, confirmed, caplog, forged) -> None:
    with caplog.at_level("DEBUG"):
        assert sign_in(client, forged, "wrong") == 200
    for entry in AuditEntry.objects.all():
        assert entry.target_label.isprintable()
        assert len(entry.target_label) <= 200
        assert entry.verb == "failed to sign in"
    assert AuditEntry.objects.count() <= 1
    for record in caplog.records:
        assert forged not in record.getMessage()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("remote", ["", "fe80::1%eth0", "::ffff:198.51.100.1", "garbage"])
def test_an_odd_address_locks_nobody_out(confirmed, remote) -> None:
    assert sign_in(Client(REMOTE_ADDR=remote), "rita") == 302
    assert AuditEntry.objects.get().verb == "signed in"


@pytest.mark.django_db(transaction=True)
def test_a_failed_sign_in_is_one_entry_and_never_holds_the_password(client, confirmed) -> None:
    for login in ("rita", "rita@example.org", "nobody", "nobody@example.org"):
        before = AuditEntry.objects.count()
        sign_in(client, login, "hunter2hunter2")
        entries = AuditEntry.objects.order_by("pk")[before:]
        assert [entry.target_label for entry in entries] == [login]
        assert all("hunter2" not in str(vars(entry)) for entry in entries)
