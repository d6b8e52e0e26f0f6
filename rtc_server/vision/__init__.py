"""Frames to faces: landmarks and what geometry makes of them."""
