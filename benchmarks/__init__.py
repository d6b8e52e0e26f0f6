"""What the product reaches, measured: each module is a command."""
