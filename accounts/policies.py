"""Who may decide about whose rights: nobody gives, takes or touches more than they have.

Whoever may set somebody's password, address or groups can become that person.  So an account is
only for those who have all its rights already, and only rights that one has can be passed on.
"""

from typing import Any

from django.contrib.auth.models import Group, Permission
from django.db.models import Q, QuerySet

from accounts.models import User


def rights_of(user: User) -> set[int]:
    """The ids of the permissions an account gives, also while it is not active.

    A superuser has no list of rights: ask `is_superuser` first.
    """
    own = Q(user=user) | Q(group__user=user)
    return set(Permission.objects.filter(own).values_list("pk", flat=True))


def may_manage(by: Any, user: User) -> bool:
    """Whether `by` has every right of `user`, and so may open, change and delete the account."""
    if by.is_superuser:
        return bool(by.is_active)
    if user.is_superuser or (user.is_staff and not by.is_staff):
        return False
    return rights_of(user) <= rights_of(by)


def may_manage_group(by: Any, group: Group) -> bool:
    """Whether `by` has every right the group gives to its members."""
    if by.is_superuser:
        return bool(by.is_active)
    return set(group.permissions.values_list("pk", flat=True)) <= rights_of(by)


def grantable_permissions(by: Any) -> QuerySet[Permission]:
    """The permissions `by` may give: their own."""
    if by.is_superuser:
        return Permission.objects.all()
    return Permission.objects.filter(pk__in=rights_of(by))


def grantable_groups(by: Any) -> QuerySet[Group]:
    """The groups `by` may put people in: those that give nothing beyond their own rights."""
    if by.is_superuser:
        return Group.objects.all()
    beyond = Permission.objects.exclude(pk__in=rights_of(by))
    return Group.objects.exclude(permissions__in=beyond)
