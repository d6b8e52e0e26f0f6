"""Workers on many machines, over Ray."""
