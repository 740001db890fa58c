"""liveavatar: real-time neural avatars. See README.md for the line of data types everything follows."""

__version__ = "0.1.0"
