"""What the front process and a worker say to each other, and how. On the loops of both."""
