"""What clients that send pictures come in by, however they are told apart."""

from dataclasses import dataclass

from rtc_server.base.clock import Clock
from rtc_server.front.admission import Admission
from rtc_server.front.placement import Placement
from signaling.access.gate import Door
from signaling.pictures.picture_session import Relay


@dataclass(frozen=True, slots=True)
class Intake:
    """The door, and what stands behind it."""

    door: Door
    admission: Admission
    placement: Placement
    clock: Clock
    max_fps: float
    """Pictures a second that each client may send."""

    def relay(self) -> Relay:
        """One for another client."""
        return Relay(self.placement, self.clock, self.max_fps)
