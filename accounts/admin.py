from typing import Any

from allauth.account.admin import EmailAddressAdmin
from allauth.account.models import EmailAddress
from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import ManyToManyField, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import policies
from accounts.models import User
from accounts.racing import OnceMoreAdmin
from accounts.reauthentication import ask_again

LOOKS = ("_changelist", "_history")  # pages that show what one may see anyway


class WithinOwnRights(OnceMoreAdmin):
    """Rows that carry rights open to those who have these rights, and offer no others.

    Every page and act of the admin asks here about its row: form, password, history, deletion
    and what goes along with it, alone or in bulk.
    """

    def may_manage(self, by: Any, row: Any) -> bool:
        """Whether `by` has every right that the row carries."""
        raise NotImplementedError

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Any:
        """The row; raises PermissionDenied with a sentence, where the bare refusal has none."""
        row = super().get_object(request, object_id, from_field)
        if row is not None and not self.may_manage(request.user, row):
            raise PermissionDenied(_("Only somebody with all of its rights may open this."))
        return row

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._within(request, obj) and super().has_view_permission(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._within(request, obj) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._within(request, obj) and super().has_delete_permission(request, obj)

    def get_urls(self) -> list[URLPattern]:
        """Django's own addresses; what changes or opens a row asks for the password again."""
        urls: list[URLPattern] = super().get_urls()
        for url in urls:
            url.callback = ask_again(url.callback, look=f"{url.name}".endswith(LOOKS))
        return urls

    def _within(self, request: HttpRequest, row: Any) -> bool:
        return row is None or self.may_manage(request.user, row)

    def formfield_for_manytomany(
        self, db_field: ManyToManyField, request: Any = None, **kwargs: Any
    ) -> Any:
        """A choice among what the signed-in person may give; anything else sent is refused."""
        if db_field.remote_field.model is Group:
            kwargs["queryset"] = policies.grantable_groups(request.user)
        else:
            kwargs["queryset"] = policies.grantable_permissions(request.user).select_related(
                "content_type"
            )
        return super().formfield_for_manytomany(db_field, request, **kwargs)


@admin.register(User)
class PersonAdmin(WithinOwnRights, UserAdmin):
    """Django's own, with an address from the start: it is unique, also the empty one."""

    add_fieldsets = [
        (None, {"fields": ["username", "email", "usable_password", "password1", "password2"]})
    ]

    def may_manage(self, by: Any, row: User) -> bool:
        return policies.may_manage(by, row)

    def user_change_password(
        self, request: HttpRequest, id: str, form_url: str = ""
    ) -> HttpResponse:
        """In one transaction, as Django's other pages here: password, notice and audit trail."""
        with transaction.atomic():
            return super().user_change_password(request, id, form_url)

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> list[str]:
        """Only a superuser makes superusers; a field that is shown is not read from the form."""
        fields = [str(name) for name in super().get_readonly_fields(request, obj)]
        return fields if request.user.is_superuser else [*fields, "is_superuser"]


admin.site.unregister(Group)


@admin.register(Group)
class RoleAdmin(WithinOwnRights, GroupAdmin):
    """Groups; whoever is in one cannot give it, and so themself, more than they have."""

    def may_manage(self, by: Any, row: Group) -> bool:
        return policies.may_manage_group(by, row)


admin.site.unregister(EmailAddress)


@admin.register(EmailAddress)
class AddressAdmin(WithinOwnRights, EmailAddressAdmin):
    """Addresses to look up, confirm and delete.

    A confirmed address opens its account by a reset of the password, so it is as much as that.
    """

    readonly_fields = ["email", "user", "primary", "verified"]

    def may_manage(self, by: Any, row: EmailAddress) -> bool:
        return policies.may_manage(by, row.user)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    @admin.action(description=gettext_lazy("Mark as confirmed"), permissions=["change"])
    def make_verified(self, request: HttpRequest, queryset: QuerySet[EmailAddress]) -> None:
        rows = queryset.select_related("user")
        own = [row.pk for row in rows if self.may_manage(request.user, row)]
        if len(own) < len(rows):
            refusal = _("Some belong to somebody with more rights than you have.")
            self.message_user(request, refusal, messages.ERROR)
        super().make_verified(request, queryset.filter(pk__in=own))
