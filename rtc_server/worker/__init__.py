"""Media workers: the processes that hold peers and models, and who places sessions on them."""
