"""What a frame looks like to the ledger: good enough, whose face, at the screen or away."""

from dataclasses import replace

from rtc_server.base.config import MetricsConfig
from rtc_server.metrics.model import Cause, FaceMeasure, Observation, Quality


def judge_quality(config: MetricsConfig, quality: Quality, face: FaceMeasure | None) -> Quality:
    """The picture's quality with the face's own part, and whether it is good enough."""
    if face is None:
        return replace(quality, ok=quality_cause(config, quality) is None)
    told = replace(
        quality,
        inter_ocular_px=face.inter_ocular_px,
        disagreement=face.disagreement,
        ok=True,
        lids=face.inter_ocular_px >= config.min_lids_px,
        gaze=face.inter_ocular_px >= config.min_gaze_px,
    )
    return told if quality_cause(config, told) is None else replace(told, ok=False)


def quality_cause(config: MetricsConfig, quality: Quality) -> Cause | None:
    """Why nothing can be said of this frame, if so."""
    if quality.plain:
        return Cause.NO_PICTURE
    if quality.frozen:
        return Cause.CAMERA_FROZEN
    if is_dark(config, quality):
        return Cause.LOW_LIGHT
    size, torn = quality.inter_ocular_px, quality.disagreement
    if size is not None and size < config.min_inter_ocular_px:
        return Cause.LOW_QUALITY
    if torn is not None and torn > config.max_disagreement:
        return Cause.LOW_QUALITY
    return None


def is_dark(config: MetricsConfig, quality: Quality) -> bool:
    """Dark as a whole, and noisy or its face without contrast; or a face that shows nothing at all.

    The brightness of the face would judge its skin. Contrast alone would, too, but for the lowest.
    Without a face contrast says nothing: an empty wall has none either.
    """
    noisy = quality.noise is not None and quality.noise > config.dark_noise
    if quality.inter_ocular_px is None or quality.contrast is None:
        return _is_dim(config, quality) and noisy
    if quality.contrast < config.min_contrast:
        return True
    return _is_dim(config, quality) and (noisy or quality.contrast < config.dark_contrast)


def _is_dim(config: MetricsConfig, quality: Quality) -> bool:
    luminance = quality.image_luminance
    return luminance is not None and luminance < config.dark_image


def several_faces(config: MetricsConfig, observation: Observation) -> bool:
    """Whether a second face is large enough to be the one that is measured."""
    if observation.face_count < 2 or observation.face is None:  # noqa: PLR2004
        return False
    second = observation.second_inter_ocular_px
    first = observation.face.inter_ocular_px
    return second is None or second >= config.second_face_share * first
