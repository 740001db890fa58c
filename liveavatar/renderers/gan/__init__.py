"""Draws packages of kind "gan": on the CPU with cv2, or whole on a GPU."""
