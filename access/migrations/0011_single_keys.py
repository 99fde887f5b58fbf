from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("access", "0010_launch_handle")]

    operations = [
        migrations.AddField(
            model_name="user",
            name="single_keys",
            field=models.BooleanField(default=True, verbose_name="genveje med én tast"),
        ),
    ]
