"""What the accounts announce."""

from datetime import datetime

from signalflow import DomainSignal

user_registered = DomainSignal(
    """A person signed up by themselves.

    Sent once per sign-up through the web, inside its transaction; not for imported users, nor
    for those an administrator or a command creates.  An exception undoes the sign-up.
    """,
    user="accounts.User",
)

user_profile_updated = DomainSignal(
    """A profile changed, through the one door `update_profile`.

    Sent inside the transaction and only if something really changed; `changed_fields` names
    what.  An exception undoes the change.
    """,
    user="accounts.User",
    profile="accounts.UserProfile",
    changed_fields=list,
)

preferences_updated = DomainSignal(
    """A user's preferences changed, through the one door `update_preferences`.

    Sent like `user_profile_updated`.
    """,
    user="accounts.User",
    preferences="accounts.UserPreferences",
    changed_fields=list,
)

email_confirmed = DomainSignal(
    """Somebody proved that an address of an account is theirs, by the link that was sent there.

    Sent inside the transaction that wrote it.  An exception undoes the confirmation.
    """,
    user="accounts.User",
    address=str,
)

account_mail_written = DomainSignal(
    """A mail about an account is to be sent: a confirmation, a new password, a notice.

    Sent inside the transaction of what it is about, in phase NOW alone: `text` holds links that
    open an account, which no payload of a delivery may show.  Whoever hears it sends the mail,
    unless that is no use any more: after `until`, or when `accounts.mails.is_outdated` says so
    of `about` and `key`.  An exception undoes the act.
    """,
    recipient=str,
    subject=str,
    text=str,
    about=str,
    key=str,
    until=datetime,
)

email_changed = DomainSignal(
    """A user's e-mail address is another one now, whoever changed it.

    Sent right after the row was written.  `old` is the only place where the former address
    is still known, `was_confirmed` whether it had been proved to be theirs.
    """,
    user="accounts.User",
    old=str,
    new=str,
    was_confirmed=bool,
    moment=datetime,
)

password_changed = DomainSignal(
    """A user has another password now, or none any more, whoever changed it.

    Sent right after the row was written: by the account's own pages, a reset, the admin, a
    command.  A hash that is only renewed when its owner signs in is no change.
    """,
    user="accounts.User",
    moment=datetime,
)

address_added = DomainSignal(
    """A further e-mail address was added to an account and is yet to be confirmed.

    Sent right after the row was written; not for the address a person signed up with.
    """,
    user="accounts.User",
    address=str,
    moment=datetime,
)

address_removed = DomainSignal(
    """An e-mail address was removed from an account that stays.

    Sent right after the row was deleted; `confirmed` says whether it had been confirmed.
    """,
    user="accounts.User",
    address=str,
    confirmed=bool,
    moment=datetime,
)

rights_changed = DomainSignal(
    """What somebody, or everybody in a group, may do was changed.

    Sent inside the transaction of the change, whoever makes it: groups, permissions, and the
    marks "active", "staff" and "superuser".  `given` and `taken` name the rights.  A group that
    is deleted, and a user who is new, announce nothing here.
    """,
    holder="accounts.User | auth.Group",
    given=list,
    taken=list,
)

user_renamed = DomainSignal(
    """A user's own names changed, which readers see where the profile has none.

    Sent right after the row was written, whoever wrote it; `changed_fields` names what changed.
    """,
    user="accounts.User",
    changed_fields=list,
)
