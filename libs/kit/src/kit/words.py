"""Words as people look for them."""

import unicodedata


def fold(text: str) -> str:
    """Without accents, case and punctuation, one blank between words: "Lefèvre, Zoé" -> "lefevre zoe"."""
    plain = unicodedata.normalize("NFKD", text)
    letters = "".join(c if c.isalnum() else " " for c in plain if not unicodedata.combining(c))
    return " ".join(letters.casefold().split())
