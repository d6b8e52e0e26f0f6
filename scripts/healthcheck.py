"""Ask the service in this container whether it is well; exit 1 when it is not."""

import os
import ssl
import sys
from http.client import HTTPConnection, HTTPException, HTTPSConnection


def main() -> int:
    """Exit code: 0 where ``/healthz`` answers 200 on loopback."""
    port = int(os.environ.get("PORT", "8080"))
    connection = HTTPConnection("127.0.0.1", port, timeout=4)
    if os.environ.get("TLS_CERT"):
        # The certificate is for the public name; this is the machine talking to itself.
        context = ssl._create_unverified_context()  # noqa: S323, SLF001
        connection = HTTPSConnection("127.0.0.1", port, timeout=4, context=context)
    try:
        connection.request("GET", "/healthz")
        return 0 if connection.getresponse().status == 200 else 1  # noqa: PLR2004
    except (OSError, HTTPException):
        return 1


if __name__ == "__main__":
    sys.exit(main())
