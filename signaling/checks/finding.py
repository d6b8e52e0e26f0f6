"""What a check found: one line for a person, one object for a program."""

import enum
from dataclasses import dataclass


class Verdict(enum.StrEnum):
    """How it stands."""

    OK = "ok"
    NOTE = "note"
    """It works, with a limit that should be known."""
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line. ``text`` never holds a secret: it ends up in tickets and logs."""

    name: str
    verdict: Verdict
    text: str

    def as_json(self) -> dict[str, str]:
        """For programs."""
        return {"name": self.name, "verdict": self.verdict.value, "text": self.text}
