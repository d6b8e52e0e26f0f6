"""The campus's name server: a browser asks one even where ``/etc/hosts`` has the answer."""

import select
import socket
import threading
from collections.abc import Mapping, Sequence
from typing import Self

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset

PORT = 53
TTL = 60
_KINDS = {dns.rdatatype.A: socket.AF_INET, dns.rdatatype.AAAA: socket.AF_INET6}

Names = Mapping[str, Sequence[str]]
"""Addresses of both families by name."""


class NameServer:
    """Answers for a few names at the given addresses of its machine; make it there."""

    def __init__(self, names: Names, addresses: Sequence[str]) -> None:
        self._names = names
        self._sockets = [_bound(address) for address in addresses]
        self._stop, self._stopped = socket.socketpair()
        self._thread = threading.Thread(target=self._serve)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.close()
        self._thread.join()
        for one in (*self._sockets, self._stopped):
            one.close()

    def _serve(self) -> None:
        while True:
            readable, _, _ = select.select([*self._sockets, self._stopped], [], [])
            if self._stopped in readable:
                return
            for one in readable:
                question, asker = one.recvfrom(4096)
                one.sendto(self._answer(question), asker)

    def _answer(self, question: bytes) -> bytes:
        query = dns.message.from_wire(question)
        response = dns.message.make_response(query, recursion_available=True)
        asked = query.question[0]
        known = self._names.get(asked.name.to_text(omit_final_dot=True))
        if known is None:
            response.set_rcode(dns.rcode.NXDOMAIN)
        wanted = [ip for ip in known or () if _family(ip) == _KINDS.get(asked.rdtype)]
        if wanted:
            response.answer.append(
                dns.rrset.from_text(asked.name, TTL, "IN", asked.rdtype, *wanted)
            )
        return response.to_wire()


def _bound(address: str) -> socket.socket:
    bound = socket.socket(_family(address), socket.SOCK_DGRAM)
    bound.bind((address, PORT))
    return bound


def _family(address: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in address else socket.AF_INET
