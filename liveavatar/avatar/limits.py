"""What an avatar's package may hold at most."""

MAX_CARD_BYTES = 1 << 20
MAX_FILE_BYTES = 64 << 20
MAX_BYTES = 128 << 20
"""Of all files of a package."""
MAX_FILES = 64
MAX_SIDE = 2048
MAX_DETAIL = 4
MAX_LAYERS = 32
MAX_PATCHES = 64
MAX_TEXTURE_BYTES = 128 << 20
"""Of all textures of a package as they are in memory."""
MAX_TOLERANCE = 16.0
"""Levels of 255: what differs by more is another picture."""
MAX_CONTROL = 10.0
"""Largest number that a control's range may hold."""
