"""WebRTC: an offer is answered, a track and two channels come of it. On the worker's loop."""
