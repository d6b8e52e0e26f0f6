"""Errors that many operations share, by where on their way they arise."""

from rtc_server.base.errors import (
    FrameRefused,
    OfferRefused,
    Overloaded,
    SessionClosed,
    SessionNotFound,
    StoreUnavailable,
    WorkerLost,
)
from signaling.http.errors import (
    BadRequest,
    Forbidden,
    LimitReached,
    OriginRefused,
    RateLimited,
    StreamingDisabled,
    TooSlow,
    Unauthorized,
    UnsupportedEncoding,
)
from signaling.openapi.operation import Refusal, Who, refusal

EVERYWHERE = (
    refusal(OriginRefused),
    refusal(Forbidden, "auth_required"),
    refusal(UnsupportedEncoding),
)
TOKEN = refusal(Unauthorized, "token_missing", "token_invalid", "token_expired")

BY_WHO: dict[Who, tuple[Refusal, ...]] = {
    Who.ANYONE: (),
    Who.URL: (),
    Who.STUDENT: (TOKEN, refusal(Forbidden)),
    Who.OWNER: (TOKEN, refusal(Forbidden)),
    Who.STAFF: (TOKEN, refusal(Forbidden, "staff_only")),
}
STORE = refusal(StoreUnavailable)
BODY = refusal(TooSlow)
DISABLED = refusal(StreamingDisabled)
NO_SESSION = refusal(SessionNotFound)

IDS = (
    refusal(BadRequest, "bad_user_id", "bad_module_id", "bad_section_id"),
    refusal(Forbidden, "forbidden", "ids_differ"),
)
ADMISSION = (
    refusal(Unauthorized, "token_used"),
    refusal(
        LimitReached,
        "too_many_offers",
        "too_many_resumes",
        "too_many_sessions_of_user",
        "too_many_sessions_from_address",
    ),
    NO_SESSION,
    refusal(SessionClosed),
    refusal(Overloaded),
    refusal(WorkerLost),
    STORE,
    DISABLED,
)
OFFER = refusal(
    OfferRefused,
    "sdp_malformed",
    "sdp_too_large",
    "sdp_too_many_media",
    "sdp_no_video",
    "sdp_no_codec",
    "ice_no_relay",
    "ice_no_candidate",
    "ice_no_port",
)
FRAME = (
    refusal(
        FrameRefused,
        "frame_missing",
        "frame_too_large",
        "frame_not_jpeg",
        "frame_truncated",
        "frame_corrupt",
        "frame_too_many_pixels",
    ),
    refusal(RateLimited),
)
