"""``python -m signaling``: the same as ``rtc-server``, and alone as ``rtc-server serve``."""

import sys

from signaling.cli import app

if __name__ == "__main__":
    arguments = sys.argv[1:]
    serves = not arguments or arguments[0].startswith("--env-file")
    app(["serve", *arguments] if serves else arguments, prog_name="rtc-server")
