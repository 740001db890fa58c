"""Draws packages of kind "portrait": a mesh carries the picture, eyes and mouth are painted."""
