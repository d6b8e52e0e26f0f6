"""``python -m signaling``: the same as ``rtc-server serve``."""

from signaling.cli import app

if __name__ == "__main__":
    app(["serve"])
