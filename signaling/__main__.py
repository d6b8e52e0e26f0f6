"""``python -m signaling``: the same as ``rtc-server``, and alone as ``rtc-server serve``."""

import sys

from signaling.cli import app

if __name__ == "__main__":
    app(sys.argv[1:] or ["serve"], prog_name="rtc-server")
