"""What is measured and how it adds up. Pure: no I/O, no clock, no asyncio."""
