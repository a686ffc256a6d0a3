from django.db import models


class Plant(models.Model):
    person = models.ForeignKey("patients.Person", models.PROTECT, related_name="+")
    name = models.CharField(max_length=100)

    def __str__(self) -> str:
        return f"plant {self.pk}"
