from django.urls import path

from blog.studio import acts, receipts, views, why

urlpatterns = [
    path("", views.StudioView.as_view(), name="studio"),
    path("why/", why.WhyView.as_view(), name="why"),
    path("posts/new/", views.NewPostView.as_view(), name="post-new"),
    path("posts/publish/", acts.BulkPublishView.as_view(), name="posts-publish"),
    path("posts/<int:pk>/edit/", views.EditPostView.as_view(), name="post-edit"),
    path("posts/<int:pk>/preview/", views.PreviewView.as_view(), name="post-preview"),
    path("posts/<int:pk>/forecast/", receipts.ForecastView.as_view(), name="post-forecast"),
    path(
        "posts/<int:pk>/receipts/<str:trace>/",
        receipts.PostReceiptView.as_view(),
        name="post-receipt",
    ),
    path(
        "posts/<int:pk>/receipts/<str:trace>/retry/<int:delivery>/",
        receipts.PostRetryView.as_view(),
        name="post-receipt-retry",
    ),
    path("posts/<int:pk>/delete/", acts.DeleteView.as_view(), name="post-delete"),
    path("posts/<int:pk>/<str:act>/", acts.ActView.as_view(), name="post-act"),
]
