"""Why a session ended."""

from enum import StrEnum


class EndReason(StrEnum):
    """The closing word of a session, in its row, its log line and its record."""

    CLIENT_BYE = "client_bye"
    TRACK_ENDED = "track_ended"
    PEER_LOST = "peer_lost"
    CONNECT_TIMEOUT = "connect_timeout"
    IDLE = "idle"
    MAX_DURATION = "max_duration"
    EXCESS = "excess"
    DRAINED = "drained"
    WORKER_LOST = "worker_lost"
    REPLACED = "replaced"
    ERROR = "error"
