"""PyAV, loaded after cv2: the other way round, cv2's windows hang on Linux (each brings libraries of the same names)."""

import cv2  # noqa: F401, I001
import av

__all__ = ["av"]
