"""The way down from an organisation to the units below it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("organisations", "0001_initial"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="organisation",
            index=models.Index(fields=["parent_sor"], name="organisations_parent"),
        ),
    ]
