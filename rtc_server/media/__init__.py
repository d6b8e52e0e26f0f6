"""Where frames come from, on the worker's loop; how they become pictures, on its threads."""
