"""Datagrams on a stream, each behind its length in two bytes (RFC 4571); pure."""

LENGTH = 2
MAX_FRAME = 0xFFFF


def framed(datagram: bytes) -> bytes:
    """``datagram`` as it goes into the stream; at most ``MAX_FRAME`` bytes."""
    return len(datagram).to_bytes(LENGTH, "big") + datagram


class Deframer:
    """Cuts a stream into its datagrams; holds one unfinished frame at most."""

    def __init__(self) -> None:
        """Begin with the start of a frame."""
        self._rest = bytearray()

    def __len__(self) -> int:
        """Bytes that wait for the end of their frame."""
        return len(self._rest)

    def feed(self, data: bytes) -> list[bytes]:
        """Take what came; the datagrams that are whole by it, empty ones left out."""
        rest = self._rest
        rest += data
        found, at = [], 0
        while at + LENGTH <= len(rest):
            end = at + LENGTH + int.from_bytes(rest[at : at + LENGTH], "big")
            if end > len(rest):
                break
            if end > at + LENGTH:
                found.append(bytes(rest[at + LENGTH : end]))
            at = end
        del rest[:at]
        return found
