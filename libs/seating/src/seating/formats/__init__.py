"""Plans from and to the files of others."""

from seating.formats.pretix import from_pretix, to_pretix

__all__ = ["from_pretix", "to_pretix"]
