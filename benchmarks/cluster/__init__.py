"""A cluster of machines that loses one, and placement on many."""
