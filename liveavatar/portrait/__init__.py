"""One picture to a moving bust: framing, mesh, eyes, mouth, motion. The renderer is renderers/portrait/renderer.py."""
