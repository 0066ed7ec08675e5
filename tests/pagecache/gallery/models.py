from django.db import models


class Artist(models.Model):
    name = models.CharField(max_length=50, unique=True)

    class Meta:
        app_label = "gallery"

    def __str__(self) -> str:
        return self.name


class Style(models.Model):
    name = models.CharField(max_length=50)

    class Meta:
        app_label = "gallery"

    def __str__(self) -> str:
        return self.name


class Painting(models.Model):
    title = models.CharField(max_length=50)
    price = models.IntegerField(default=0)
    artist = models.ForeignKey(Artist, on_delete=models.CASCADE, related_name="paintings")
    styles = models.ManyToManyField(Style, related_name="paintings")
    lenders = models.ManyToManyField("Museum", through="Loan", related_name="paintings")

    class Meta:
        app_label = "gallery"

    def __str__(self) -> str:
        return self.title


class Museum(models.Model):
    name = models.CharField(max_length=50)

    class Meta:
        app_label = "gallery"

    def __str__(self) -> str:
        return self.name


class Loan(models.Model):
    painting = models.ForeignKey(Painting, on_delete=models.CASCADE)
    museum = models.ForeignKey(Museum, null=True, on_delete=models.SET_NULL)
    year = models.IntegerField(default=1900)

    class Meta:
        app_label = "gallery"

    def __str__(self) -> str:
        return f"{self.painting_id} {self.year}"
