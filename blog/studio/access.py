"""Who may enter the authors' side."""

from typing import Any

from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.generic import View

from blog.models import Post
from blog.policies import can_edit, can_write


class AuthorsOnly(LoginRequiredMixin, View):
    """For people who may write; everybody else is told so."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.user.is_authenticated and not can_write(request.user):
            raise PermissionDenied(_("This part of the studio is for authors."))
        return super().dispatch(request, *args, **kwargs)

    def editable_post(self) -> Post:
        """The post of this address, or 404 for those who may not know that it exists."""
        post = get_object_or_404(Post.objects.select_related("author"), pk=self.kwargs["pk"])
        if not can_edit(self.request.user, post):
            raise Http404
        return post
