from django.urls import path

from comments import views

urlpatterns = [
    path("posts/<str:slug>/comments/", views.SubmitView.as_view(), name="comment"),
    path("comments/<int:pk>/", views.PlaceView.as_view(), name="comment-place"),
    path("studio/comments/", views.QueueView.as_view(), name="moderation"),
    path(
        "studio/comments/<int:pk>/<str:act>/", views.ModerateView.as_view(), name="comment-moderate"
    ),
]
