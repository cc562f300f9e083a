"""Texts as records keep them: they may be a sender's, and there are many records."""

from __future__ import annotations

from typing import Final

TEXT_KEPT: Final = 300
"""Characters of a user, a detail or a sentence that a record keeps."""


def short(text: str) -> str:
    """Return a text for a record, cut where it would make records of any size."""
    return text if len(text) <= TEXT_KEPT else f"{text[: TEXT_KEPT - 1]}…"
