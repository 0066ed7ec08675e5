"""System checks on what the environment gave us."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Tags, Warning, register

from accounts.signals import account_mail_written
from config import private
from config.sqlite import linked_version, wal_is_safe


@register(Tags.compatibility)
def sqlite_is_safe(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> Sequence[CheckMessage]:
    """Say why a site on an old SQLite runs without WAL."""
    on_sqlite = settings.DATABASES["default"]["ENGINE"].endswith("sqlite3")
    version = linked_version()
    if not on_sqlite or wal_is_safe(version):
        return []
    written = ".".join(map(str, version))
    return [
        Warning(
            f"SQLite {written} can corrupt a database in WAL mode, so the slower rollback "
            "journal is used.",
            hint="Use SQLite 3.51.3 or newer, or PostgreSQL through DATABASE_URL.",
            id="heliograph.W001",
        )
    ]


@register(Tags.security)
def data_is_private(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> Sequence[CheckMessage]:
    """Name what others on this machine may read, and what could not be taken from them."""
    return [
        Warning(
            f"Everybody on this machine may read {path}.",
            hint=f"It belongs to somebody else; let its owner run: chmod -R o= {path}",
            id="heliograph.W002",
        )
        for path in private.open_to_everybody(settings.DATA_DIR, settings.DATABASE_FILE)
    ]


@register(Tags.compatibility)
def account_mails_wait_for_nobody(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> Sequence[CheckMessage]:
    """Say what a site loses that has taken out the app with the outbox."""
    if account_mail_written.has_listeners():
        return []
    return [
        Warning(
            "No outbox: sign-ups and password resets wait for the mail server, and a mail that "
            "it does not take is lost.",
            hint="Put notifications back into LISTENER_APPS.",
            id="heliograph.W003",
        )
    ]
