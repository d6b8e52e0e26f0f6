"""The DTLS certificate of one connection, and the ciphers that go with it."""

from typing import Any

from aiortc.rtcdtlstransport import RTCCertificate

CIPHERS = (
    b"ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-CHACHA20-POLY1305:"
    b"ECDHE-ECDSA-AES128-SHA:ECDHE-ECDSA-AES256-SHA:"
    b"ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-CHACHA20-POLY1305:"
    b"ECDHE-RSA-AES128-SHA:ECDHE-RSA-AES256-SHA"
)
"""aiortc's, and the same for a DTLS server whose certificate is RSA."""


class Certificate(RTCCertificate):
    """aiortc's own, ECDSA on P-256; as a client it talks to RSA servers as well.

    It can go when aiortc offers these ciphers itself (issue 1434 there).
    """

    def _create_ssl_context(self, srtp_profiles: Any) -> Any:  # noqa: ANN401 - pyOpenSSL's, untyped
        context = super()._create_ssl_context(srtp_profiles)
        context.set_cipher_list(CIPHERS)
        return context
