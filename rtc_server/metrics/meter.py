"""Everything that is measured of one session, put together."""

from dataclasses import dataclass, replace
from typing import Any, Self

from rtc_server.base.config import MetricsConfig
from rtc_server.metrics import report
from rtc_server.metrics.accounts import FOCUSED, Verdict
from rtc_server.metrics.attention import Smoothed, attention, eyes_term, gaze_term, head_term
from rtc_server.metrics.eyes import Eyes, Lids
from rtc_server.metrics.frame_clock import FrameClock
from rtc_server.metrics.gaze_tracker import GazeTracker, Look
from rtc_server.metrics.judge import judge_quality, quality_cause, several_faces
from rtc_server.metrics.ledger import Ledger, microseconds
from rtc_server.metrics.liveness import DEEP_BLINK, Liveness
from rtc_server.metrics.model import (
    Cause,
    FaceMeasure,
    HeadPose,
    Observation,
    Quality,
    Reading,
    SessionSummary,
    State,
)
from rtc_server.metrics.neutral import is_clear, is_possible
from rtc_server.metrics.pace import Pace
from rtc_server.metrics.presence import Change, Presence

TURNED = 0.5
"""The head's term below which it is the head that is away, and not the eyes."""
TEACHING_OPENNESS = 0.5
"""Eyes below it tell nothing of what is neutral."""
_SINCE_0_1 = frozenset({"liveness"})
"""Parts that checkpoints of the first version have not."""


@dataclass(slots=True)
class _Frame:
    """What is known of a frame so far."""

    observation: Observation
    quality: Quality
    cause: Cause | None = None
    """Why it says nothing about the student, if so."""
    lids: Lids | None = None
    head: HeadPose | None = None
    clear: bool = False
    """Whether the irises are seen."""
    look: Look | None = None
    """What is seen, or what was seen last, for a moment."""
    score: float | None = None
    verdict: Verdict | None = None


class Meter:
    """One session's measurement: observations in, readings and the account out.

    Pure: time comes with the observations. ``elapsed`` is always the server's monotonic time in
    seconds since the session's first frame.
    """

    def __init__(self, config: MetricsConfig) -> None:
        """A session that has not seen a frame yet."""
        self._config = config
        self._ledger = Ledger(config)
        self._clock = FrameClock(config.placing_slack)
        self._eyes = Eyes(config)
        self._gaze = GazeTracker(config)
        self._presence = Presence(config)
        self._liveness = Liveness(config.alive_within)
        self._pace = Pace(config.max_gap)
        self._told_score = Smoothed(config.attention_tau)
        self._judged_score = Smoothed(config.verdict_tau)
        self._tally = report.Tally()
        self._at = 0.0
        self._calibrating_until: float | None = None

    @property
    def frames_processed(self) -> int:
        """Frames observed since the session began."""
        return self._tally.frames

    @property
    def blinks(self) -> list[tuple[float, float]]:
        """Start and end of each blink so far, in elapsed seconds."""
        return list(self._eyes.blinks)

    # ------------------------------------------------------------ what happens

    def observe(self, observation: Observation) -> Reading:
        """Take one frame; frames come in the order of their arrival."""
        at = self._clock.place(observation.media_time, observation.elapsed)
        step = at - self._at
        longest = self._pace.longest_gap(step)
        self._ledger.allow(microseconds(longest))
        dt = step if 0 < step <= longest else 0.0
        self._at = at
        self._end_calibration(at)
        self._tally.add(detected=observation.face is not None)
        quality = judge_quality(self._config, observation.quality, observation.face)
        frame = _Frame(observation, quality)
        if observation.face is None:
            self._miss(frame, at, dt)
        else:
            self._see(frame, observation.face, at, dt)
        self._ledger.advance(microseconds(at), frame.verdict, microseconds(observation.elapsed))
        return self._reading(frame)

    def mark(self, cause: Cause, elapsed: float) -> None:
        """From ``elapsed`` s on the time is unknown for this cause."""
        self._ledger.mark(cause, microseconds(elapsed))

    def unmark(self, cause: Cause, elapsed: float) -> None:
        """The cause ends at ``elapsed`` s."""
        self._ledger.unmark(cause, microseconds(elapsed))

    def follow(self, elapsed: float) -> None:
        """Another stream of frames begins at ``elapsed`` s.

        What the client said of itself on the connection before holds no longer: what it marked
        ends, and so does a calibration that was under way.
        """
        self._clock.follow()
        if self._calibrating_until is not None:
            self._calibrating_until = min(self._calibrating_until, elapsed)
            self._end_calibration(elapsed)
        for cause in self._ledger.marks:
            self.unmark(cause, elapsed)

    def calibrate(
        self, elapsed: float, point: tuple[float, float] | None = None, *, keep: bool = False
    ) -> None:
        """Learn from what follows: the neutral pose, or the gaze on ``point`` (screen shares).

        ``keep``: what the points teach is told in the summary, and so kept with the session.
        """
        self._end_calibration(elapsed)
        if point is None:
            self._gaze.neutral.clear(asked=True)
        else:
            width, height = self._config.screen_cm
            target = ((point[0] - 0.5) * width, (point[1] - 0.5) * height)
            self._gaze.calibration.start(target)
            self._gaze.calibration.keep = keep
        self._calibrating_until = elapsed + self._config.calibration_time
        self._ledger.mark(Cause.CALIBRATING, microseconds(elapsed))

    def finish(self, elapsed: float) -> SessionSummary:
        """End the session at ``elapsed`` s; nothing stays pending."""
        self._end_calibration(elapsed)
        self._eyes.finish()
        self._ledger.finish(microseconds(elapsed))
        return self.summary(elapsed)

    def summary(self, elapsed: float) -> SessionSummary:
        """The account so far; what lies beyond the last frame is pending."""
        account = report.summary(self._ledger, self._tally, self._eyes, microseconds(elapsed))
        return replace(account, calibration=self._gaze.calibration.kept)

    # ------------------------------------------------------------ checkpoints

    def snapshot(self) -> dict[str, Any]:
        """JSON-able state of the whole session."""
        state = {name: part.snapshot() for name, part in self._parts.items()}
        return {**state, "at": self._at, "calibrating_until": self._calibrating_until}

    @classmethod
    def restore(cls, config: MetricsConfig, state: dict[str, Any]) -> Self:
        """The meter that :meth:`snapshot` was taken of, by this version or an earlier one.

        What an earlier one did not have begins anew; what the account is made of must be there.
        """
        meter = cls(config)
        given = {**state, "clock": state.get("clock", state.get("timeline"))}  # its name in 0.1
        for name, part in meter._parts.items():
            if name in given or name not in _SINCE_0_1:
                part.restore(given[name])
        meter._at = float(state["at"])
        meter._calibrating_until = state["calibrating_until"]
        return meter

    @property
    def _parts(self) -> dict[str, Any]:
        return {
            "ledger": self._ledger,
            "clock": self._clock,
            "eyes": self._eyes,
            "sight": self._gaze,
            "presence": self._presence,
            "liveness": self._liveness,
            "told_score": self._told_score,
            "judged_score": self._judged_score,
            "tally": self._tally,
        }

    # ------------------------------------------------------------ one frame

    def _end_calibration(self, at: float) -> None:
        until = self._calibrating_until
        if until is not None and at >= until:
            self._calibrating_until = None
            self._gaze.calibration.stop()
            self._ledger.unmark(Cause.CALIBRATING, microseconds(until))

    def _miss(self, frame: _Frame, at: float, dt: float) -> None:
        """No face: nobody is there, or the picture does not say."""
        self._eyes.miss()
        self._presence.miss(dt)
        self._judged_score.clear()
        self._gaze.hold(at)
        frame.verdict = Verdict.of(quality_cause(self._config, frame.quality) or Cause.NO_FACE)
        if frame.quality.ok:
            self._tell(frame, dt, 0.0)

    def _see(self, frame: _Frame, face: FaceMeasure, at: float, dt: float) -> None:
        """A face: lids, gaze and head, and what they make of the frame."""
        change = self._presence.see(dt, face, self._gaze.neutral)
        if change is not None:
            self._gaze.neutral.clear()
        if change is Change.PERSON:
            self._eyes.relearn()
        frame.cause = self._unusable(frame)
        frame.lids = lids = self._lids(frame, face, at, dt)
        awake = lids is None or (lids.openness >= TEACHING_OPENNESS and not lids.blinking)
        teaching = frame.cause is None and awake and not self._liveness.is_stranger
        if teaching and self._gaze.neutral.seeds(dt, face.head_pose):
            if self._gaze.neutral.unknown and not is_clear(face.head_pose):
                self._ledger.concede()
            self._gaze.teach(at, dt, face)
        frame.clear = lids is not None and frame.quality.gaze and self._sees_irises(lids)
        frame.look = self._gaze.see(at, face) if frame.clear else self._gaze.hold(at)
        if frame.look is not None and frame.clear and frame.cause is None:
            self._tally.look(dt, frame.look.direction)
        frame.head = self._gaze.neutral.relative(face.head_pose)
        frame.verdict = self._verdict(frame, dt)
        if teaching and frame.verdict == FOCUSED:
            self._gaze.teach(at, dt, face)

    def _lids(self, frame: _Frame, face: FaceMeasure, at: float, dt: float) -> Lids | None:
        """The lids and what they prove, where the face is large enough for them."""
        if not frame.quality.lids:
            self._eyes.miss()
            return None
        lids = self._eyes.add(at, dt, face)
        if frame.cause is None:
            self._liveness.add(at, face, lids.openness)
        if lids.bottom is not None and lids.bottom <= DEEP_BLINK:
            self._liveness.prove()
        return lids

    def _sees_irises(self, lids: Lids) -> bool:
        return lids.openness >= self._config.gaze_openness and not lids.blinking

    def _unusable(self, frame: _Frame) -> Cause | None:
        cause = quality_cause(self._config, frame.quality)
        if cause is None and several_faces(self._config, frame.observation):
            return Cause.SEVERAL_FACES
        return cause

    def _verdict(self, frame: _Frame, dt: float) -> Verdict | None:
        """What the ledger is told; ``None``: nothing that would change its mind."""
        if frame.cause is not None:
            self._judged_score.clear()
            return Verdict.of(frame.cause)
        if self._liveness.is_stranger:
            return Verdict.of(Cause.NO_FACE)
        verdict = self._look(frame, dt)
        if verdict == FOCUSED and frame.lids is not None:
            self._liveness.expect(dt)
            return verdict if self._liveness.is_alive else Verdict.of(Cause.NOT_ALIVE)
        return verdict

    def _look(self, frame: _Frame, dt: float) -> Verdict | None:
        """What head, eyes and lids of a usable face say."""
        lids, head, look = frame.lids, frame.head, frame.look
        if head is None:
            return None
        asleep = lids is not None and lids.closed
        if self._gaze.neutral.unknown and not is_clear(head):
            self._ledger.doubt(goes_on=is_possible(head))
            return Verdict.of(Cause.EYES_CLOSED if asleep else Cause.FACE_TURNED)
        self._ledger.doubt(goes_on=False)
        facing = head_term(self._config, head)
        gaze = facing  # as long as the eyes are not seen, they go where the head goes
        if look is not None and frame.clear:
            gaze = gaze_term(self._config, look.offset)
        shut = lids is not None and lids.closed_for > self._config.closed_dwell
        eyes = eyes_term(self._eyes.perclos.share, closed=shut)
        self._tell(frame, dt, attention(gaze, facing, eyes))
        if asleep:
            return Verdict.of(Cause.EYES_CLOSED)
        verdict = self._weigh(self._judged_score.add(dt, attention(gaze, facing, 1.0)), facing)
        unsure = look is None and frame.quality.gaze and lids is not None
        return None if unsure and verdict == FOCUSED else verdict

    def _weigh(self, score: float, facing: float) -> Verdict | None:
        if score >= self._config.focus_enter:
            return FOCUSED
        if score >= self._config.focus_leave:
            return None
        return Verdict.of(Cause.FACE_TURNED if facing < TURNED else Cause.LOOKING_AWAY)

    def _tell(self, frame: _Frame, dt: float, score: float) -> None:
        frame.score = self._told_score.add(dt, score)
        self._tally.score(dt, frame.score)

    # ------------------------------------------------------------ what is told

    def _reading(self, frame: _Frame) -> Reading:
        observation, face, look = frame.observation, frame.observation.face, frame.look
        verdict = self._ledger.candidate or self._ledger.settled
        unsettled = self._ledger.candidate is not None or verdict is None
        return Reading(
            media_time=observation.media_time,
            face_count=observation.face_count,
            quality=frame.quality,
            state=State.PENDING if unsettled or verdict is None else verdict.state,
            cause=None if verdict is None else verdict.cause,
            is_focused=self._is_focused(seen=face is not None),
            current_state=report.old_label(verdict, None if look is None else look.direction),
            gaze_direction=None if look is None else look.direction,
            gaze_vector=None if look is None else look.vector,
            gaze_point=None if look is None else look.point,
            calibrated=self._gaze.calibration.ready,
            gaze_point_cm=None if look is None else look.point_cm,
            head_pose=None if face is None else face.head_pose,
            relative_pose=frame.head,
            eye_openness=None if frame.lids is None else frame.lids.openness,
            blinking=frame.lids is not None and frame.lids.blinking,
            blinks=len(self._eyes.blinks),
            blink_rate=self._eyes.blink_rate(self._at),
            perclos=self._eyes.perclos.share,
            attention_score=frame.score,
            totals=report.totals(self._ledger, self._tally, microseconds(observation.elapsed)),
        )

    def _is_focused(self, *, seen: bool) -> bool | None:
        """What holds while it is not refuted; without a face nobody is called focused."""
        settled = self._ledger.settled
        if settled is None or settled.state is State.UNKNOWN:
            return None
        if settled.state is State.FOCUSED and not seen:
            return None
        return settled.state is State.FOCUSED
