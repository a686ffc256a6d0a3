"""Other systems that may use the API, and what they have been given. Tokens are kept as hashes only."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from legedialog.core.ids import new_id


class ApiClient(models.Model):
    """A system of a source, known by its public keys. Its id is its OAuth `client_id`."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=200)
    source = models.ForeignKey("appointments.Source", models.PROTECT, related_name="+")
    jwks = models.JSONField()  # {"keys": [...]}, public keys only
    scopes = ArrayField(models.CharField(max_length=60))
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()
    minute_at = models.DateTimeField(null=True)  # which minute `minute_count` counts the requests of
    minute_count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(name="an_api_client_has_a_scope", condition=Q(scopes__len__gt=0)),
        ]

    def __str__(self) -> str:
        return f"api client {self.pk}"


class AccessToken(models.Model):
    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    client = models.ForeignKey(ApiClient, models.CASCADE, related_name="tokens")
    token_hash = models.BinaryField(max_length=32, unique=True)  # SHA-256
    scopes = ArrayField(models.CharField(max_length=60))
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"access token {self.pk}"


class UsedAssertion(models.Model):
    """An assertion a client has logged in with, kept until it is too old to be used again."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    client = models.ForeignKey(ApiClient, models.CASCADE, related_name="+")
    jti = models.CharField(max_length=200)
    expires_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(name="an_assertion_works_once", fields=["client", "jti"])]

    def __str__(self) -> str:
        return f"assertion {self.pk}"
