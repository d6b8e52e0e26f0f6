"""What runs in the front process: who gets in, which worker takes it, what is left over."""
