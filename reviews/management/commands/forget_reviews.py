"""manage.py forget_reviews: reviews go five years after their end, as the log that they are about does; once a day."""

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction
from django.db.models.functions import Coalesce
from django.utils import timezone

from reviews.models import LookUp, Review

KEPT = timedelta(days=5 * 366)
"""What the database refuses to delete ends a little earlier (migration 0001)."""


class Command(BaseCommand):
    help = "Sletter gennemgange, fem år efter at de er afsluttet."

    def handle(self, *args: Any, **options: Any) -> None:
        old = Review.objects.alias(end=Coalesce("closed", "drawn")).filter(end__lt=timezone.now() - KEPT)
        for review in old.values_list("pk", flat=True):
            with transaction.atomic():
                LookUp.objects.filter(review=review).delete()
                Review.objects.filter(pk=review).delete()
