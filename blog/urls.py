from django.urls import include, path

from blog.public import archive, markdown_sources, sitemaps, views

urlpatterns = [
    path("", views.HomeView.as_view(), name="home"),
    path("posts/<str:slug>/", views.PostView.as_view(), name="post"),
    path("posts/<str:slug>.md", markdown_sources.PostSourceView.as_view(), name="post-source"),
    path("tags/", views.TagListView.as_view(), name="tags"),
    path("tags/<str:slug>/", views.TagView.as_view(), name="tag"),
    path("authors/", views.AuthorListView.as_view(), name="authors"),
    path("authors/<str:username>/", views.AuthorView.as_view(), name="author"),
    path("archive/", archive.ArchiveView.as_view(), name="archive"),
    path("archive/<int:year>/", archive.PeriodView.as_view(), name="archive-year"),
    path("archive/<int:year>/<int:month>/", archive.PeriodView.as_view(), name="archive-month"),
    path("", include("blog.public.feeds")),
    path("sitemap.xml", sitemaps.SitemapView.as_view(), name="sitemap"),
    path("sitemap-<str:section>.xml", sitemaps.SectionView.as_view(), name="sitemap-section"),
    path("robots.txt", views.RobotsView.as_view(), name="robots"),
    path("studio/", include("blog.studio.urls")),
]
