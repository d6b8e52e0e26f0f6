"""Short-lived TURN credentials (draft-uberti-behave-turn-rest-00), as coturn checks them."""

import base64
import hashlib
import hmac


def rest_credentials(secret: str, name: str, expires_at: int) -> tuple[str, str]:
    """Username and credential that are good until ``expires_at`` (UTC epoch s).

    ``name`` shows in the TURN server's log, so only a keyed hash of it is used. The credential
    is base64(HMAC-SHA1(secret, username)).
    """
    keyed = hmac.new(secret.encode(), name.encode(), hashlib.sha256).hexdigest()[:16]
    username = f"{expires_at}:{keyed}"
    digest = hmac.new(secret.encode(), username.encode(), hashlib.sha1).digest()
    return username, base64.b64encode(digest).decode()
