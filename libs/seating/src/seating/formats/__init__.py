"""Plans from and to the files of others."""

from seating.formats.drawing import from_drawing, to_drawing
from seating.formats.pretix import from_pretix, to_pretix
from seating.formats.sketch import Imported

__all__ = ["Imported", "from_drawing", "from_pretix", "to_drawing", "to_pretix"]
