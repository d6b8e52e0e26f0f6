"""Who may look at what is stored: staff, and a student at what is their own."""

from dataclasses import dataclass

from aiohttp import web

from rtc_server.store.model import SessionRow
from signaling.access.address import is_loopback
from signaling.access.auth import bearer
from signaling.access.tokens import Grant
from signaling.app_keys import AUTH
from signaling.http.errors import Forbidden


@dataclass(frozen=True, slots=True)
class Viewer:
    """Staff, or a student."""

    student: str | None = None
    """Whose sessions alone this one may see; ``None``: staff."""
    module_ids: frozenset[str] | None = None
    """The modules that this one may see; ``None``: all."""

    def may_see(self, row: SessionRow) -> bool:
        """Whether this session is one of theirs."""
        if self.student is not None:
            return row.user_id == self.student
        return self.may_see_module(row.module_id)

    def may_see_module(self, module_id: str) -> bool:
        """Whether staff may see this module."""
        return self.module_ids is None or module_id in self.module_ids


def require_staff(request: web.Request) -> Viewer:
    """Staff; on this machine and without session tokens, anyone.

    Raises :class:`Unauthorized` or :class:`Forbidden`.
    """
    grant = _grant(request)
    if grant is None:
        return Viewer()
    if not grant.is_staff:
        raise Forbidden("This takes a staff token.", code="staff_only")
    return Viewer(module_ids=grant.module_ids)


def require_staff_of_all(request: web.Request) -> Viewer:
    """Staff that is not limited to some modules."""
    viewer = require_staff(request)
    if viewer.module_ids is not None:
        raise Forbidden("This takes a staff token for all modules.", code="staff_only")
    return viewer


def require_local_or_staff(request: web.Request) -> None:
    """A program on this machine, such as a Prometheus, or staff of all modules."""
    if bearer(request) is not None or not is_loopback(request):
        require_staff_of_all(request)


def require_owner_or_staff(request: web.Request, user_id: str | None = None) -> Viewer:
    """Staff, or a student, or this one: :meth:`Viewer.may_see` says what. Uses no token up.

    Raises :class:`Unauthorized` or :class:`Forbidden`.
    """
    grant = _grant(request)
    if grant is not None and not grant.is_staff:
        if user_id not in {None, grant.user_id}:
            raise Forbidden
        return Viewer(student=grant.user_id)
    return Viewer(module_ids=None if grant is None else grant.module_ids)


def _grant(request: web.Request) -> Grant | None:
    """What the request's token says; ``None``: on this machine nobody needs one."""
    auth = request.app[AUTH]
    token = bearer(request)
    if token is None and auth.is_open_to(request):
        return None
    return auth.fresh(token)
