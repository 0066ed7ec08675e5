from django.urls import include, path

from blog import feeds, sitemaps, views

urlpatterns = [
    path("", views.HomeView.as_view(), name="home"),
    path("posts/<str:slug>/", views.PostView.as_view(), name="post"),
    path("tags/", views.TagListView.as_view(), name="tags"),
    path("tags/<str:slug>/", views.TagView.as_view(), name="tag"),
    path("tags/<str:slug>/feed/", feeds.TagFeed.as_view(), name="tag-feed"),
    path("authors/", views.AuthorListView.as_view(), name="authors"),
    path("authors/<str:username>/", views.AuthorView.as_view(), name="author"),
    path("authors/<str:username>/feed/", feeds.AuthorFeed.as_view(), name="author-feed"),
    path("archive/", views.ArchiveView.as_view(), name="archive"),
    path("archive/<int:year>/", views.ArchiveView.as_view(), name="archive-year"),
    path("archive/<int:year>/<int:month>/", views.ArchiveView.as_view(), name="archive-month"),
    path("feed/", feeds.SiteFeed.as_view(), name="feed"),
    path("sitemap.xml", sitemaps.SitemapView.as_view(), name="sitemap"),
    path("robots.txt", views.RobotsView.as_view(), name="robots"),
    path("studio/", include("blog.studio.urls")),
]
