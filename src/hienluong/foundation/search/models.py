"""The words that texts of a kind are made of: what a slip of the finger is measured against."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Word(models.Model):
    """One folded word that some text of a kind (`scope`) has; a few thousand a kind, however many texts there are."""

    scope = models.CharField(max_length=40)
    word = models.CharField(max_length=40)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=("scope", "word"), name="search_word_once")]

    def __str__(self) -> str:
        return self.word
