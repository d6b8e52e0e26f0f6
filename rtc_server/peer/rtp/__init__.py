"""From RTP packets to frames, on the worker's loop; decoded on the vision threads."""
