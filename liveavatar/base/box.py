"""A rectangle of whole pixels."""

from typing import NamedTuple


class Box(NamedTuple):
    """Left edge, top edge, width and height, in pixels; on cards a list of these four numbers."""

    x: int
    y: int
    w: int
    h: int

    @classmethod
    def between(cls, left: int, top: int, right: int, bottom: int) -> "Box":
        """The box with these edges; right and bottom are the first column and row beyond it."""
        return cls(left, top, right - left, bottom - top)

    @property
    def right(self) -> int:
        """The first column beyond it."""
        return self.x + self.w

    @property
    def bottom(self) -> int:
        """The first row beyond it."""
        return self.y + self.h

    @property
    def slices(self) -> tuple[slice, slice]:
        """Its rows and columns: picture[box.slices] is what lies in it."""
        return slice(self.y, self.bottom), slice(self.x, self.right)

    def scaled(self, factor: int) -> "Box":
        """The same part of a picture with `factor` times as many pixels each way."""
        return Box(*(v * factor for v in self))

    def relative_to(self, other: "Box") -> "Box":
        """The same pixels, counted from the other box's corner."""
        return Box(self.x - other.x, self.y - other.y, self.w, self.h)

    def inside(self, other: "Box") -> bool:
        """Whether the other box holds all of it."""
        return (
            self.x >= other.x
            and self.y >= other.y
            and self.right <= other.right
            and self.bottom <= other.bottom
        )

    def overlaps(self, other: "Box") -> bool:
        """Whether the two share a pixel."""
        return (
            self.x < other.right and other.x < self.right and self.y < other.bottom and other.y < self.bottom
        )
