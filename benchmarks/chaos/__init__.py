"""What becomes of sessions while everything around them breaks."""
