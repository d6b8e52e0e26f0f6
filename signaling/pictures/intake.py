"""What clients that send pictures come in by, however they are told apart."""

from dataclasses import dataclass

from rtc_server.base.clock import Clock
from rtc_server.front.admission import Admission
from rtc_server.front.placement import Placement
from signaling.access.gate import Gate
from signaling.pictures.picture_session import Relay


@dataclass(frozen=True, slots=True)
class Intake:
    """The gate, and what stands behind it."""

    gate: Gate
    admission: Admission
    placement: Placement
    clock: Clock
    max_fps: float
    """Pictures a second that each client may send."""

    def relay(self) -> Relay:
        """One for another client."""
        return Relay(self.placement, self.clock, self.max_fps)
