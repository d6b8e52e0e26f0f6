"""Everything that is measured of one session, put together."""

import math
from typing import Any, Self

from rtc_server.config import MetricsConfig
from rtc_server.metrics.accounts import FOCUSED, MICROSECONDS, Verdict
from rtc_server.metrics.attention import attention, eyes_term, exponential_step, gaze_term, head_term
from rtc_server.metrics.blink import DipCounter
from rtc_server.metrics.ledger import Ledger, microseconds
from rtc_server.metrics.model import (
    Cause,
    Direction,
    FaceMeasure,
    HeadPose,
    Observation,
    Reading,
    SessionSummary,
    State,
    Totals,
    Vector,
)
from rtc_server.metrics.timeline import Timeline
from rtc_server.metrics.window import TimedWindow


class Meter:
    """One session's measurement: observations in, readings and the account out."""

    def __init__(self, config: MetricsConfig) -> None:
        """A session that has not seen a frame yet."""
        self._config = config
        self._ledger = Ledger(config)
        self._timeline = Timeline(config.placing_slack)
        self._dips = DipCounter()
        self._open = TimedWindow(8.0)
        self._yaw = TimedWindow(60.0)
        self._pitch = TimedWindow(60.0)
        self._score: float | None = None
        self._at = 0.0
        self._observed = 0.0
        self._score_sum = 0.0
        self._score_time = 0.0
        self._frames = 0
        self._detected = 0

    @property
    def frames_processed(self) -> int:
        """Frames observed since the session began."""
        return self._frames

    @property
    def blinks(self) -> list[tuple[float, float]]:
        """Start and end of each blink so far, in elapsed seconds."""
        return list(self._dips.blinks)

    def observe(self, observation: Observation) -> Reading:
        """Take one frame; frames come in the order of their arrival."""
        at = self._timeline.place(observation.media_time, observation.elapsed)
        dt = min(max(at - self._at, 0.0), self._config.max_gap)
        self._at = at
        self._frames += 1
        self._detected += observation.face is not None
        openness = self._openness(at, dt, observation.face)
        relative = self._relative(at, observation.face)
        verdict = self._verdict(observation, openness, relative, dt)
        self._ledger.advance(
            microseconds(at), verdict, max(microseconds(observation.elapsed), microseconds(at))
        )
        return self._reading(observation, openness, relative)

    def mark(self, cause: Cause, elapsed: float) -> None:
        """From ``elapsed`` s on the time is unknown for this cause."""
        self._ledger.mark(cause, microseconds(elapsed))

    def unmark(self, cause: Cause, elapsed: float) -> None:
        """The cause ends at ``elapsed`` s."""
        self._ledger.unmark(cause, microseconds(elapsed))

    def calibrate(self, elapsed: float, point: tuple[float, float] | None = None) -> None:
        """Take the present pose as neutral, or the gaze as on ``point`` (screen shares)."""
        if point is None:
            self._yaw.clear()
            self._pitch.clear()
        self._ledger.advance(microseconds(elapsed), None)

    def finish(self, elapsed: float) -> SessionSummary:
        """End the session; nothing stays pending."""
        self._ledger.finish(microseconds(elapsed))
        return self.summary(elapsed)

    def summary(self, elapsed: float) -> SessionSummary:
        """The account so far; ``elapsed`` beyond the last frame is pending."""
        totals = self._totals(microseconds(elapsed))
        accounts = self._ledger.accounts
        return SessionSummary(
            elapsed=totals.elapsed,
            focused_time=totals.focused_time,
            unfocused_time=totals.unfocused_time,
            unknown_time=totals.unknown_time,
            pending_time=totals.pending_time,
            total_time=totals.total_time,
            focus_percentage=totals.focus_percentage,
            focus_sessions=totals.focus_sessions,
            unfocus_sessions=totals.unfocus_sessions,
            unfocused_by_cause=accounts.by_cause(State.UNFOCUSED),
            unknown_by_cause=accounts.by_cause(State.UNKNOWN),
            blink_count=len(self._dips.blinks),
            blink_rate=self._blink_rate(),
            perclos=None,
            frames_processed=totals.frames_processed,
            detection_rate=totals.detection_rate,
            attention_score=self._score_sum / self._score_time if self._score_time else None,
        )

    def snapshot(self) -> dict[str, Any]:
        """JSON-able state of the whole session."""
        return {
            "ledger": self._ledger.snapshot(),
            "timeline": self._timeline.snapshot(),
            "dips": self._dips.snapshot(),
            "open": self._open.snapshot(),
            "yaw": self._yaw.snapshot(),
            "pitch": self._pitch.snapshot(),
            "score": self._score,
            "at": self._at,
            "observed": self._observed,
            "score_sum": self._score_sum,
            "score_time": self._score_time,
            "frames": self._frames,
            "detected": self._detected,
        }

    @classmethod
    def restore(cls, config: MetricsConfig, state: dict[str, Any]) -> Self:
        """The meter that :meth:`snapshot` was taken of."""
        meter = cls(config)
        meter._ledger.restore(state["ledger"])
        meter._timeline.restore(state["timeline"])
        meter._dips.restore(state["dips"])
        meter._open.restore(state["open"])
        meter._yaw.restore(state["yaw"])
        meter._pitch.restore(state["pitch"])
        meter._score = state["score"]
        meter._at = state["at"]
        meter._observed = state["observed"]
        meter._score_sum = state["score_sum"]
        meter._score_time = state["score_time"]
        meter._frames = state["frames"]
        meter._detected = state["detected"]
        return meter

    def _openness(self, at: float, dt: float, face: FaceMeasure | None) -> float | None:
        if face is None:
            return None
        ear = (face.left.ear + face.right.ear) / 2
        self._observed += dt
        self._dips.add(at, ear)
        self._open.add(at, ear)
        return ear / max(self._open.quantile(0.7), 1e-6)

    def _relative(self, at: float, face: FaceMeasure | None) -> HeadPose | None:
        if face is None:
            return None
        pose = face.head_pose
        self._yaw.add(at, pose.yaw)
        self._pitch.add(at, pose.pitch)
        return HeadPose(
            pose.yaw - self._yaw.quantile(0.5), pose.pitch - self._pitch.quantile(0.5), pose.roll
        )

    def _verdict(
        self,
        observation: Observation,
        openness: float | None,
        relative: HeadPose | None,
        dt: float,
    ) -> Verdict | None:
        if openness is None or relative is None:
            self._score = None
            return Verdict.of(Cause.NO_FACE)
        if observation.face_count > 1:
            return Verdict.of(Cause.SEVERAL_FACES)
        if openness < 0.5:
            return Verdict.of(Cause.EYES_CLOSED)
        score = attention(
            gaze_term(0.0, 8.0),
            head_term(relative.yaw, relative.pitch, 20.0, 15.0),
            eyes_term(None, closed=False),
        )
        self._score = score if self._score is None else exponential_step(self._score, score, dt, 1.0)
        self._score_sum += self._score * dt
        self._score_time += dt
        return FOCUSED if score >= 0.6 else Verdict.of(Cause.FACE_TURNED) if score < 0.4 else None

    def _reading(
        self, observation: Observation, openness: float | None, relative: HeadPose | None
    ) -> Reading:
        face = observation.face
        pending = self._ledger.candidate
        settled = self._ledger.settled
        verdict = pending or settled
        state = State.PENDING if pending or verdict is None else verdict.state
        focused = None
        if face is not None and settled is not None and settled.state is not State.UNKNOWN:
            focused = settled.state is State.FOCUSED
        vector = None if face is None else _gaze_vector(face)
        return Reading(
            media_time=observation.media_time,
            face_count=observation.face_count,
            quality=observation.quality,
            state=state,
            cause=None if verdict is None else verdict.cause,
            is_focused=focused,
            current_state=_label(verdict),
            gaze_direction=None if vector is None else _direction(vector),
            gaze_vector=vector,
            gaze_point=None,
            gaze_point_cm=None,
            head_pose=None if face is None else face.head_pose,
            relative_pose=relative,
            eye_openness=openness,
            blinks=len(self._dips.blinks),
            blink_rate=self._blink_rate(),
            perclos=None,
            attention_score=self._score,
            totals=self._totals(microseconds(observation.elapsed)),
        )

    def _blink_rate(self) -> float | None:
        return len(self._dips.blinks) / self._observed * 60 if self._observed >= 15 else None

    def _totals(self, elapsed: int) -> Totals:
        accounts = self._ledger.accounts
        elapsed = max(elapsed, self._ledger.elapsed)
        focused, unfocused, unknown = (
            accounts.total(state) for state in (State.FOCUSED, State.UNFOCUSED, State.UNKNOWN)
        )
        total = focused + unfocused
        return Totals(
            elapsed=elapsed / MICROSECONDS,
            focused_time=focused / MICROSECONDS,
            unfocused_time=unfocused / MICROSECONDS,
            unknown_time=unknown / MICROSECONDS,
            pending_time=(elapsed - total - unknown) / MICROSECONDS,
            total_time=total / MICROSECONDS,
            focus_percentage=100 * focused / total if total else 0.0,
            focus_sessions=accounts.sessions(State.FOCUSED),
            unfocus_sessions=accounts.sessions(State.UNFOCUSED),
            frames_processed=self._frames,
            detection_rate=100 * self._detected / self._frames if self._frames else 0.0,
        )


def _gaze_vector(face: FaceMeasure) -> Vector:
    x = (face.left.iris_x + face.right.iris_x) / 2 / 1.2
    y = (face.left.iris_y + face.right.iris_y) / 2 / 1.2
    head = (x, y, -math.sqrt(max(1 - x * x - y * y, 0.01)))
    a, b, c = (sum(r * h for r, h in zip(row, head, strict=True)) for row in face.rotation)
    norm = math.hypot(a, b, c)
    return a / norm, b / norm, c / norm


def _direction(vector: Vector) -> Direction:
    x = math.degrees(math.atan2(vector[0], -vector[2]))
    if abs(x) > 8:
        return Direction.LEFT if x > 0 else Direction.RIGHT
    return Direction.CENTER


def _label(verdict: Verdict | None) -> str:
    if verdict is None or verdict.state is State.UNKNOWN:
        return "error"
    if verdict.cause is None:
        return "centered"
    return "distracted" if verdict.cause is Cause.LOOKING_AWAY else verdict.cause
