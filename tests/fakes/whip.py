"""What a publisher and the service say to each other over HTTP (RFC 9725)."""

from dataclasses import dataclass
from urllib.parse import urljoin

import aiohttp

from tests.fakes.publisher import Publisher

STUDENT = {"user_id": "7", "module_id": "3", "section_id": "2"}


@dataclass(frozen=True)
class Ticket:
    """What the service gave for an offer."""

    session_id: str
    resource: str
    """Absolute URL."""
    resume_token: str


class WhipClient:
    """Offers, resumes and ends over a real HTTP connection."""

    def __init__(self, http: aiohttp.ClientSession, url: str) -> None:
        """``url``: of the service."""
        self._http = http
        self._url = url

    async def publish(self, publisher: Publisher, **ids: str) -> Ticket:
        """Begin a session; :data:`STUDENT`'s where ``ids`` do not say otherwise."""
        return await self._exchange(publisher, {**STUDENT, **ids}, {})

    async def resume(self, publisher: Publisher, ticket: Ticket) -> Ticket:
        """Go on with a session on the connection of another publisher."""
        headers = {"Resume-Token": ticket.resume_token}
        return await self._exchange(publisher, {"session_id": ticket.session_id}, headers)

    async def end(self, ticket: Ticket) -> None:
        """End the session by its resource."""
        async with self._http.delete(ticket.resource) as response:
            response.raise_for_status()

    async def _exchange(
        self, publisher: Publisher, query: dict[str, str], headers: dict[str, str]
    ) -> Ticket:
        offer = await publisher.offer()
        headers = {"Content-Type": "application/sdp", **headers}
        where = urljoin(self._url, "/whip")
        async with self._http.post(where, params=query, data=offer, headers=headers) as response:
            response.raise_for_status()
            answer = await response.text()
        await publisher.accept(answer)
        return Ticket(
            session_id=response.headers["Session-Id"],
            resource=urljoin(where, response.headers["Location"]),
            resume_token=response.headers["Resume-Token"],
        )
