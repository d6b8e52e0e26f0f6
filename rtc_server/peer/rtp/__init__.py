"""From RTP packets to decoded pictures."""
