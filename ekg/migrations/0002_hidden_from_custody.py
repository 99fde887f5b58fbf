"""A document may be hidden from holders of custody; the database's own default serves who does not know the column."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("ekg", "0001_initial")]
    operations = [
        migrations.AddField(
            model_name="recording",
            name="hidden_from_custody",
            field=models.BooleanField(
                db_default=False, default=False, verbose_name="skjult for forældremyndighedsindehavere"
            ),
        )
    ]
