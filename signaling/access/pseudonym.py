"""Students in the log: told apart, not told."""

import hashlib
import hmac
import secrets

DIGITS = 16
"""Of hexadecimal: no two of a school's students alike."""


class Pseudonyms:
    """Keyed hashes of user ids: without the key nobody can try ids until one fits."""

    def __init__(self, key: str | None) -> None:
        """``key``: a secret of this installation; ``None``: one that is forgotten at the end."""
        self._key = hashlib.sha256(f"log:{key or secrets.token_hex()}".encode()).digest()

    def of(self, user_id: str) -> str:
        """Always the same for the same student and key."""
        return hmac.new(self._key, user_id.encode(), hashlib.sha256).hexdigest()[:DIGITS]
