import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from blog.models import Post
from signalflow.testing import run_deliveries

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_demo_fills_an_empty_site_and_mails_nobody(mailoutbox, capsys, client) -> None:
    call_command("create_demo", "--if-empty")
    out = capsys.readouterr().out
    assert "ada, bruno, edith, moss, rita, admin" in out
    password = out.split()[-1]
    run_deliveries()
    assert mailoutbox == []
    assert Post.objects.published().count() == 10
    assert Post.objects.filter(status="scheduled").exists()
    assert client.login(username="ada", password=password)
    call_command("reconcile", "--check")
    call_command("create_demo", "--if-empty")
    assert User.objects.count() == 6
    with pytest.raises(CommandError, match="in use"):
        call_command("create_demo")


def test_a_public_site_gets_no_demo_accounts(settings) -> None:
    settings.HTTPS = True
    with pytest.raises(CommandError, match="do not go there"):
        call_command("create_demo")
    assert not User.objects.exists()
