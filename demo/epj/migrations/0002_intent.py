from django.db import migrations, models


class Migration(migrations.Migration):
    """What a SMART launch wants opened first."""

    dependencies = [("epj", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="launch",
            name="intent",
            field=models.CharField(blank=True, default="", max_length=20),
            preserve_default=False,
        ),
    ]
