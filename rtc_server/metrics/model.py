"""What goes into the metrics and what comes out of them: plain values, no behaviour to speak of."""

from dataclasses import dataclass, field
from enum import StrEnum

Vector = tuple[float, float, float]
"""x, y, z in the camera's axes: x right in the image, y down, z away from the camera."""


class State(StrEnum):
    """The four accounts of the ledger."""

    FOCUSED = "focused"
    UNFOCUSED = "unfocused"
    UNKNOWN = "unknown"
    PENDING = "pending"
    """Not settled yet: ends up in one of the other three."""


class Cause(StrEnum):
    """Why time is unfocused (the first four) or unknown (the others)."""

    LOOKING_AWAY = "looking_away"
    FACE_TURNED = "face_turned"
    EYES_CLOSED = "eyes_closed"
    NO_FACE = "no_face"
    SEVERAL_FACES = "several_faces"
    LOW_LIGHT = "low_light"
    LOW_QUALITY = "low_quality"
    NOT_ALIVE = "not_alive"
    CAMERA_FROZEN = "camera_frozen"
    NO_PICTURE = "no_picture"
    NO_FRAMES = "no_frames"
    MUTED = "muted"
    HIDDEN = "hidden"
    CALIBRATING = "calibrating"
    RECONNECTING = "reconnecting"

    @property
    def state(self) -> State:
        """The account that this cause belongs to."""
        return State.UNFOCUSED if self in UNFOCUSED_CAUSES else State.UNKNOWN


UNFOCUSED_CAUSES = frozenset(
    {Cause.LOOKING_AWAY, Cause.FACE_TURNED, Cause.EYES_CLOSED, Cause.NO_FACE}
)


class Direction(StrEnum):
    """Where the gaze goes, seen from the student's side."""

    CENTER = "center"
    LEFT = "left"
    RIGHT = "right"
    UP = "up"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class HeadPose:
    """Rotation of the head in degrees, camera axes (x right, y down).

    Facing the camera is 0, 0, 0. Yaw > 0: the nose points to the image's left (the student's
    right where the image is not mirrored). Pitch > 0: the nose points up. Roll > 0: clockwise
    in the image.
    """

    yaw: float
    pitch: float
    roll: float


@dataclass(frozen=True, slots=True)
class EyeMeasure:
    """One eye, as the geometry sees it; lengths in centimetres of the canonical face."""

    ear: float
    """Eye aspect ratio (after Soukupová & Čech 2016), in pixels by pixels."""
    iris_x: float
    """Iris from the middle of the corners along the head's x axis (to the image's right)."""
    iris_side: float
    """Iris from the middle of the face along the same axis."""
    iris_drop: float
    """Iris below the bridge of the nose, along the head's y axis."""
    iris_below: float
    """Iris below the middle of the corners, in the picture's plane put upright."""
    lid_below: float
    """Upper lid's edge below it in the same plane: it follows the gaze."""
    brow_height: float
    """Brow above the middle of the corners, along the head's y axis."""
    center: Vector
    """The middle of the corners in camera centimetres (focal length of the configuration)."""


@dataclass(frozen=True, slots=True)
class FaceMeasure:
    """Everything that the metrics need of one face in one frame.

    ``left`` and ``right`` are the student's own eyes; in an image that is not mirrored the
    student's right eye (landmark 33) lies on the left.
    """

    left: EyeMeasure
    right: EyeMeasure
    head_pose: HeadPose
    rotation: tuple[Vector, Vector, Vector]
    """Rows of the matrix that takes head axes (x right, y down, z away) to camera axes."""
    position: Vector
    """The point between the eyes in camera centimetres."""
    inter_ocular_px: float
    """Pixels between the outer corners of the eyes, corrected for yaw."""
    disagreement: float
    """Residual of the rigid fit over the inter-ocular distance: high where the mesh is torn."""


@dataclass(frozen=True, slots=True)
class Quality:
    """What the picture allows. ``None``: not measured (landmarks alone carry no picture)."""

    inter_ocular_px: float | None = None
    luminance: float | None = None
    """Median of the face, 0-1. Told, never judged: skin is not light."""
    image_luminance: float | None = None
    """Mean of the whole image, 0-1."""
    noise: float | None = None
    """Standard deviation of the sensor noise, 0-1 of full scale."""
    contrast: float | None = None
    """P90 - P10 of the luminance inside the face (of the whole picture without one), 0-1."""
    sharpness: float | None = None
    """0-1, higher is sharper."""
    disagreement: float | None = None
    """How far the face's points are from a rigid face's, as in :class:`FaceMeasure`."""
    plain: bool = False
    """The picture is of one brightness: black, white, grey."""
    frozen: bool = False
    """Nothing in it has moved for seconds, as in no picture of a living person."""
    ok: bool = True
    """Judged by the meter: good enough to say anything."""
    lids: bool = True
    """Judged by the meter: large enough for lids."""
    gaze: bool = True
    """Judged by the meter: large enough for the gaze."""


@dataclass(frozen=True, slots=True)
class Observation:
    """One analysed frame."""

    media_time: float
    """Seconds on the media clock since the source's first frame."""
    elapsed: float
    """Seconds of the server's monotonic clock since the session's first frame."""
    face_count: int
    quality: Quality = field(default_factory=Quality)
    face: FaceMeasure | None = None
    """The student's face: the largest. ``None`` where none was found."""
    second_inter_ocular_px: float | None = None
    """Size of the second-largest face; ``None`` where unknown (then it counts as large)."""


@dataclass(frozen=True, slots=True)
class Totals:
    """Running account, in seconds. Focused + unfocused + unknown + pending = elapsed."""

    elapsed: float
    focused_time: float
    unfocused_time: float
    unknown_time: float
    pending_time: float
    total_time: float
    """Focused + unfocused."""
    focus_percentage: float
    """100 · focused / total; 0 where the total is."""
    focus_sessions: int
    unfocus_sessions: int
    frames_processed: int
    detection_rate: float
    """Percent of the frames in which a face was found."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What one frame tells, and the totals up to it."""

    media_time: float
    face_count: int
    quality: Quality
    state: State
    cause: Cause | None
    is_focused: bool | None
    """``None`` where it is not known."""
    current_state: str
    """The old service's label: centered, looking_left, …, face_turned, no_face, error."""
    gaze_direction: Direction | None
    gaze_vector: Vector | None
    """Unit vector in camera axes; (0, 0, -1) looks into the camera."""
    gaze_point: tuple[float, float] | None
    """Share of the screen's width and height, (0, 0) top left; from -0.25 to 1.25."""
    calibrated: bool
    """Whether nine points have taught where on the screen this person looks."""
    gaze_point_cm: tuple[float, float] | None
    """Centimetres in the screen's plane from its centre, x to the student's right, y down."""
    head_pose: HeadPose | None
    relative_pose: HeadPose | None
    """The same from the person's own neutral pose."""
    eye_openness: float | None
    """0 closed, 1 this person's open; can pass 1 a little."""
    blinking: bool
    """In a blink at this moment, as far as can be told without what follows."""
    blinks: int
    """Blinks so far; each is counted half a second late, when both its sides are known."""
    blink_rate: float | None
    """Blinks a minute of observed time; ``None`` before 15 s of it."""
    perclos: float | None
    """Share 0-1; ``None`` before 15 s of observed time."""
    attention_score: float | None
    """0-1, a heuristic of geometry and no more."""
    totals: Totals


@dataclass(frozen=True, slots=True)
class SessionSummary:
    """The session's account; times in seconds."""

    elapsed: float
    focused_time: float
    unfocused_time: float
    unknown_time: float
    pending_time: float
    """0 once the session is finished."""
    total_time: float
    focus_percentage: float
    focus_sessions: int
    unfocus_sessions: int
    unfocused_by_cause: dict[str, float]
    unknown_by_cause: dict[str, float]
    blink_count: int
    blink_rate: float | None
    perclos: float | None
    frames_processed: int
    detection_rate: float
    attention_score: float | None
    """Mean over the frames that had one."""
    gaze_directions: dict[str, float] = field(default_factory=dict)
    """Share 0-1 of the time with a gaze by direction; empty where none was seen."""
    calibration: dict[str, list[float]] | None = None
    """Parameters of the nine points by axis, where the student wants them kept."""
