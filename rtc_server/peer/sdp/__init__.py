"""What a client's SDP may say, and what is made of it; on the worker's loop."""
