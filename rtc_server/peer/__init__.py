"""WebRTC: an offer is answered, a track and two data channels come out of it."""
