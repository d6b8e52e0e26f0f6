"""What is measured and how it adds up; on the worker's loop. Pure: no I/O, clock or asyncio."""
