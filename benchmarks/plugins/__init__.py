"""The program as plugins of VTube Studio meet it."""
