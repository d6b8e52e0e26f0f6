"""The one error tree.

::

    RtcServerError
    ├── OfferRefused         the SDP asks for what we do not do          (sdp_*, ice_*)
    ├── ConnectTimeout       the peer never became reachable
    ├── FrameRefused         an image that is not decoded, and why       (frame_*)
    ├── RecordingRefused     a file that is not analysed, and why
    ├── SourceEnded          no further frame comes from this source
    ├── SessionNotFound      nobody here holds that session
    ├── SessionClosed        the session has ended and takes nothing more
    ├── Overloaded           no room for a further session
    ├── WorkerLost           the media worker went away in mid-call
    ├── StoreError
    │   ├── StoreUnavailable the database did not take it, try again
    │   ├── StaleEpoch       somebody newer holds this session
    │   └── CheckpointUnreadable  written by another version
    └── DeliveryError        the site's endpoint did not take the record

Every error has a stable ``code`` that clients may rely on; the message is for people.
"""

from rtc_server.base.end_reason import EndReason


class RtcServerError(Exception):
    """Root of everything this service raises on purpose."""

    code = "internal"

    def __init__(self, message: str = "", *, code: str | None = None) -> None:
        """Keep ``message`` for people and ``code`` (default: the class's) for programs."""
        super().__init__(message or (self.__doc__ or "").splitlines()[0])
        if code is not None:
            self.code = code


class OfferRefused(RtcServerError):
    """The offer asks for something this service does not do."""

    code = "sdp_refused"


class ConnectTimeout(RtcServerError):
    """The peer did not become reachable in time."""

    code = "connect_timeout"


class FrameRefused(RtcServerError):
    """The image was not decoded."""

    code = "frame_refused"


class RecordingRefused(RtcServerError):
    """The recording is not analysed."""

    code = "recording_refused"


class SourceEnded(RtcServerError):
    """The source has no further frame."""

    code = "source_ended"

    def __init__(self, reason: EndReason) -> None:
        """``reason``: what ended the source."""
        super().__init__(f"the source ended: {reason}")
        self.reason = reason


class SessionNotFound(RtcServerError):
    """No such session is held here."""

    code = "session_not_found"


class SessionClosed(RtcServerError):
    """The session has ended."""

    code = "session_closed"


class Overloaded(RtcServerError):
    """No room for another session."""

    code = "overloaded"

    def __init__(self, message: str = "", *, retry_after: float = 5.0) -> None:
        """``retry_after``: seconds after which another try makes sense."""
        super().__init__(message)
        self.retry_after = retry_after


class WorkerLost(RtcServerError):
    """The media worker went away."""

    code = "worker_lost"


class StoreError(RtcServerError):
    """The store did not do what was asked."""

    code = "store_error"


class StoreUnavailable(StoreError):
    """The database is out of reach or full."""

    code = "store_unavailable"


class StaleEpoch(StoreError):
    """A newer holder writes this session now."""

    code = "stale_epoch"


class CheckpointUnreadable(StoreError):
    """The checkpoint was written by another version."""

    code = "checkpoint_unreadable"


class DeliveryError(RtcServerError):
    """The site's endpoint did not take the record."""

    code = "delivery_failed"
