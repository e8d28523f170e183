"""The models of the benchmark, in Manybase."""

from __future__ import annotations

from manybase import models


class Author(models.Model):
    """Who writes."""

    id = models.AutoField(primary_key=True)
    name = models.CharField(max_length=100)

    class Meta:
        db_table = "bench_author"
        app_label = "benchmarks"


class Tag(models.Model):
    """A word that books share."""

    id = models.AutoField(primary_key=True)
    name = models.CharField(max_length=50)

    class Meta:
        db_table = "bench_tag"
        app_label = "benchmarks"


class Book(models.Model):
    """What is read and written."""

    id = models.AutoField(primary_key=True)
    title = models.CharField(max_length=200)
    published = models.DateField()
    pages = models.IntegerField()
    price = models.DecimalField(max_digits=10, decimal_places=2, null=True)
    author = models.ForeignKey(Author, models.CASCADE, related_name="books")
    tags = models.ManyToManyField(Tag, db_table="bench_book_tags")

    class Meta:
        db_table = "bench_book"
        app_label = "benchmarks"
