"""Mails about accounts: written in the request, and handed to whoever sends mail.

The accounts do not know the outbox, which is a listener and may be taken out.  A site without
one still confirms addresses and resets passwords: it sends them itself, after the commit, with
the request waiting for the mail server.  A worker could do that only if the text, which opens
accounts, were kept where operators read (the payload of a delivery).  `manage.py check` says so.
"""

import logging
from datetime import timedelta
from functools import partial
from typing import Any

from allauth.account import app_settings
from allauth.account.models import EmailConfirmationHMAC
from allauth.account.utils import url_str_to_user_pk
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.utils import timezone

from accounts.limits import DAY, MINUTE, Rate, spend
from accounts.models import User
from accounts.signals import account_mail_written
from signalflow.commits import after_commit

logger = logging.getLogger("heliograph")

# What tells an owner of an act is worth reading days later; what answers a form is not.
NOTICES = {"password_changed", "password_reset", "password_set", "email_changed", "email_deleted"}
NOTICE_LIFE, ANSWER_LIFE = timedelta(days=7), timedelta(days=1)

# Whoever asks, for an address of whomever: what was sent before still opens the same door.
TO_ONE_ADDRESS = Rate("mail to one address", 10, DAY)
CONFIRMATION_AGAIN = Rate("confirmation to one address", 1, 3 * MINUTE)


def hand_over(mail: EmailMessage, about: str, key: str) -> None:
    """Have a mail sent, after the commit; nothing that is wrong with a mail server comes back.

    Args:
        mail: as it is to be sent, to one address.
        about: which of allauth's mails it is, such as "password_reset_key".
        key: what its link proves itself with, "" if it has none; see `is_outdated`.
    """
    (recipient,) = mail.to
    if about not in NOTICES and _is_too_much(about, recipient.lower()):
        logger.info("no %s mail: this address had enough of them today", about)
        return
    if not account_mail_written.has_listeners():
        after_commit(partial(_send_here, mail))
        return
    life = NOTICE_LIFE if about in NOTICES else ANSWER_LIFE
    account_mail_written.send(
        sender=User,
        recipient=recipient,
        subject=str(mail.subject),
        text=str(mail.body),
        about=about,
        key=key,
        until=timezone.now() + life,
    )


def _is_too_much(about: str, address: str) -> bool:
    rates = [TO_ONE_ADDRESS]
    if about.startswith("email_confirmation"):
        rates.insert(0, CONFIRMATION_AGAIN)
    return spend(*[(rate, address) for rate in rates]) is not None


def _send_here(mail: EmailMessage) -> None:
    try:
        mail.send()
    except (OSError, ValueError) as error:  # smtplib's errors are OSErrors
        logger.warning("an account mail was not sent: %s", error)


def key_of(context: dict[str, Any]) -> str:
    """What the link of a mail proves itself with, of the context allauth renders it with."""
    key, uid = str(context.get("key", "")), context.get("uid")
    return f"{uid}-{key}" if uid else key


def is_outdated(about: str, key: str) -> bool:
    """Whether the link of a mail leads nowhere any more: expired, or its work is done."""
    if about.startswith("email_confirmation"):
        return EmailConfirmationHMAC.from_key(key) is None
    if about == "password_reset_key":
        return not _opens_an_account(key)
    return False


def _opens_an_account(key: str) -> bool:
    uid, _, token = key.partition("-")
    try:
        user = User.objects.filter(pk=url_str_to_user_pk(uid), is_active=True).first()
    except (ValueError, ValidationError):
        return False
    check = app_settings.PASSWORD_RESET_TOKEN_GENERATOR().check_token
    return user is not None and bool(check(user, token))
