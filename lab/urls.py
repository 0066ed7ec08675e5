from django.urls import path

from lab import views

urlpatterns = [path("studio/lab/", views.LabView.as_view(), name="lab")]
