"""Pictures, video and sound: reading, writing, compositing."""
