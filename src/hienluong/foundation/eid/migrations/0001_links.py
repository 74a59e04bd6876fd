import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Condition',
            fields=[
                ('provider', models.CharField(max_length=20, primary_key=True, serialize=False)),
                ('away_since', models.DateTimeField(blank=True, null=True)),
                ('fault', models.CharField(blank=True, max_length=120)),
                ('looked_at', models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Link',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('provider', models.CharField(max_length=20)),
                ('subject_hash', models.CharField(max_length=64)),
                ('person_hash', models.CharField(max_length=64)),
                ('level', models.PositiveSmallIntegerField()),
                ('linked_at', models.DateTimeField(auto_now_add=True)),
                ('last_at', models.DateTimeField()),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='eid_links', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('provider', 'subject_hash'), name='eid_subject_once'), models.UniqueConstraint(fields=('account', 'provider'), name='eid_account_once')],
            },
        ),
    ]
