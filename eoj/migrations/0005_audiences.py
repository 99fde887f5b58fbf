"""The law policy may say something of its own of those who act for citizens, and of assistants."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("eoj", "0004_natural_keys")]
    operations = [
        migrations.AlterField(
            model_name="lawpolicy",
            name="audience",
            field=models.CharField(
                choices=[
                    ("citizen", "Borgeren"),
                    ("custody", "Forældremyndighedsindehaver (ellers som borgeren)"),
                    ("guardian", "Værge (ellers som borgeren)"),
                    ("proxy", "Fuldmagtshaver (ellers som borgeren)"),
                    ("clinician", "Sundhedsperson i aktuel behandling"),
                    ("assistant", "Medhjælp (ellers som sundhedspersonen)"),
                    ("municipal", "Kommunalt plejepersonale"),
                ],
                max_length=16,
                verbose_name="målgruppe",
            ),
        )
    ]
