from django.db import migrations, models


class Migration(migrations.Migration):
    """What a launch asked to have opened first."""

    dependencies = [("access", "0011_single_keys")]

    operations = [
        migrations.AddField(
            model_name="launch",
            name="landing",
            field=models.CharField(blank=True, db_default="", default="", max_length=10),
        ),
        migrations.AddConstraint(
            model_name="launch",
            constraint=models.CheckConstraint(
                condition=models.Q(("landing__in", ["", "oversigt", "ekg", "kommune"])),
                name="access_launch_landing_known",
            ),
        ),
    ]
