"""A ticket of fixed width that dots are put on at their place."""

import numpy as np
from PIL import Image

MARGIN_DOTS = 24
LONGEST_DOTS = 8_000  # a runaway job does not eat the machine


class Sheet:
    """Blank until something is put on it."""

    def __init__(self, width: int) -> None:
        self.width = width
        self._ink = np.zeros((LONGEST_DOTS, width), bool)
        self._length = 0

    @property
    def is_blank(self) -> bool:
        return not self._length

    def put(self, row: int, column: int, ink: np.ndarray) -> bool:
        """False when a part of it falls beside the paper."""
        on_paper = self._ink[row : row + ink.shape[0], column : column + ink.shape[1]]
        on_paper |= ink[: on_paper.shape[0], : on_paper.shape[1]]
        self._length = max(self._length, min(row + ink.shape[0], LONGEST_DOTS))
        beside = ink.copy()
        beside[: on_paper.shape[0], : on_paper.shape[1]] = False
        return not beside.any()

    def tear_off(self, length: int = 0) -> Image.Image:
        """The ticket as a picture, `length` dots long or a margin longer than its ink; then it is blank again."""
        length = min(max(self._length + MARGIN_DOTS, length), LONGEST_DOTS)
        picture = Image.fromarray(~self._ink[:length])
        self._ink, self._length = np.zeros((LONGEST_DOTS, self.width), bool), 0
        return picture
