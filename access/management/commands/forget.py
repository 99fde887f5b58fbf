"""manage.py forget: deletes what launches and sessions left behind; to be run once a day."""

from typing import Any

from django.core.management.base import BaseCommand

from access import retention


class Command(BaseCommand):
    help = "Sletter opbrugte åbninger og login, gamle borgerkontekster og udløbne sessioner. Loggen berøres ikke."

    def handle(self, *args: Any, **options: Any) -> None:
        retention.forget()
