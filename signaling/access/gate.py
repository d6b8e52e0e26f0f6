"""The gate to a session: limits, then the token, then :class:`Admission`."""

import logging

from rtc_server.base.errors import RtcServerError, SessionNotFound
from rtc_server.front.admission import Admission, Admitted
from rtc_server.store.tokens import Tokens
from signaling.access.auth import Auth
from signaling.access.caller import Caller
from signaling.access.limits import OfferRate, SessionQuota
from signaling.access.pseudonym import Pseudonyms
from signaling.access.tokens import Grant
from signaling.http.errors import Unauthorized
from signaling.http.request import is_id

log = logging.getLogger(__name__)


class Gate:
    """Lets callers in, each token once."""

    def __init__(
        self,
        admission: Admission,
        auth: Auth,
        tokens: Tokens,
        offers: OfferRate,
        quota: SessionQuota,
        pseudonyms: Pseudonyms,
    ) -> None:
        """What ``auth`` lets pass and the limits allow goes on to ``admission``.

        ``pseudonyms`` are what students are called in the log.
        """
        self._pseudonyms = pseudonyms
        self._admission = admission
        self._auth = auth
        self._tokens = tokens
        self._offers = offers
        self._resumes = offers.of_one("Too many resumes of this session.", "too_many_resumes")
        self._failures = offers.of_one("Too many tries with a wrong secret.", "too_many_resumes")
        self._crowd = quota

    async def open(self, caller: Caller, offer: str | None) -> Admitted:
        """Begin a session.

        Raises :class:`LimitReached`, :class:`Unauthorized` and what :meth:`Admission.open`
        raises; the token of an offer that is refused may be used again.
        """
        self._check_fresh(caller.grant)
        self._offers.take(caller.address)
        session_id = caller.identity.session_id
        self._crowd.enter(caller.identity, caller.address)
        try:
            await self._use(caller)
            admitted = await self._admit(caller, offer)
        except RtcServerError:
            self._crowd.leave(session_id)
            raise
        student = self._pseudonyms.of(caller.identity.user_id)
        log.info("session %s begins: student %s", session_id, student)
        return admitted

    async def resume(
        self,
        address: str,
        session_id: str,
        resume_token: str,
        offer: str | None,
        client: str = "webrtc",
    ) -> Admitted:
        """Go on with a session: its resume token is all it takes.

        Raises :class:`LimitReached` and what :meth:`Admission.resume` raises.
        """
        if not (is_id(session_id) and resume_token.isprintable()):
            raise SessionNotFound
        if not await self._admission.may_resume(session_id, resume_token):
            self._failures.take(f"{session_id} {address}")
            raise SessionNotFound
        self._resumes.take(session_id)
        return await self._admission.resume(session_id, resume_token, offer, client)

    def check_sender(self, caller: Caller, opened_by: Grant | None) -> None:
        """Whoever sends on into a session: by the token that opened it, or by a fresh one.

        Raises :class:`Unauthorized`.
        """
        grant = caller.grant
        if grant is None or opened_by is None or grant.token_hash != opened_by.token_hash:
            self._check_fresh(grant)

    def forget(self, session_id: str) -> None:
        """This session has ended."""
        self._crowd.leave(session_id)

    def _check_fresh(self, grant: Grant | None) -> None:
        if grant is not None:
            self._auth.check_fresh(grant)

    async def _use(self, caller: Caller) -> None:
        grant = caller.grant
        if grant is None:
            return
        started = caller.identity.session_id
        if not await self._tokens.use(grant.token_hash, started, grant.expires_at):
            # Whoever sends a used token again must not lock out who shares the address.
            self._offers.give_back(caller.address)
            self._failures.take(grant.token_hash)
            raise Unauthorized("The session token has started a session.", code="token_used")

    async def _admit(self, caller: Caller, offer: str | None) -> Admitted:
        try:
            return await self._admission.open(caller.identity, offer)
        except RtcServerError:
            if caller.grant is not None:
                await self._tokens.free(caller.grant.token_hash, caller.identity.session_id)
            raise
