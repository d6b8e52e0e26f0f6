"""What a session costs, how many one core carries, and what the other ways of doing it cost."""
