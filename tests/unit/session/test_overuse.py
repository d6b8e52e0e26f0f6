"""Publishers that send too much."""

import pytest

from rtc_server.media.source import Load
from rtc_server.session.overuse import MAX_CPU, MAX_PACKETS, PATIENCE, Overuse, Step

FULL_HD, UHD = 1920 * 1080, 3840 * 2160
LIMIT = 4_000_000.0


def looks(*loads: tuple[float, int | None, int]) -> list[Step]:
    """At which second, how many pixels, how many bytes until then."""
    overuse = Overuse(FULL_HD, LIMIT)
    return [overuse.look(Load(pixels, count), at) for at, pixels, count in loads]


def test_a_usual_camera_is_left_alone() -> None:
    seconds = range(60)
    assert set(looks(*((at, FULL_HD, at * 75_000) for at in seconds))) == {Step.FINE}


def test_a_larger_picture_is_told_once_and_then_cut_off() -> None:
    steps = looks(*((at, UHD, 0) for at in range(int(PATIENCE) + 1)))
    assert steps == [Step.TELL, *[Step.FINE] * (int(PATIENCE) - 1), Step.CUT]


def test_one_that_obeys_goes_on() -> None:
    loads = [(at, UHD if at < 5 else FULL_HD, 0) for at in range(60)]
    assert Step.CUT not in looks(*loads)


def test_one_that_grows_again_has_its_time_again() -> None:
    sizes = [UHD, FULL_HD] * 3
    assert (
        looks(*((9.0 * at, size, 0) for at, size in enumerate(sizes)))
        == [
            Step.TELL,
            Step.FINE,
        ]
        * 3
    )


def test_too_many_bits_for_seconds_on_end_are_too_much_as_well() -> None:
    steps = looks(*((at, FULL_HD, at * 1_000_000) for at in range(20)))
    assert steps.index(Step.TELL) == 3  # the window
    assert steps.index(Step.CUT) == 3 + int(PATIENCE)


def test_one_key_frame_is_no_flood() -> None:
    loads = [(at / 4, FULL_HD, 50_000 + at * 10_000) for at in range(40)]
    assert set(looks(*loads)) == {Step.FINE}


@pytest.mark.parametrize(("pixels", "scale"), [(UHD, 2.0), (2560 * 1440, 1.5), (16383**2, 4.0)])
def test_it_says_by_how_much(pixels: int, scale: float) -> None:
    overuse = Overuse(FULL_HD, LIMIT)
    assert overuse.look(Load(pixels, 0), 0.0) is Step.TELL
    assert overuse.scale == scale


@pytest.mark.parametrize(
    ("packets", "cpu", "step"),
    [
        (400.0, 0.06, Step.FINE),
        (1.01 * MAX_PACKETS, 0.0, Step.CUT),
        (400.0, 1.01 * MAX_CPU, Step.CUT),
    ],
    ids=["honest", "packets", "CPU"],
)
def test_packets_and_cpu_count_as_bits_do(packets: float, cpu: float, step: Step) -> None:
    overuse = Overuse(640 * 480, 1e6)
    told = [
        overuse.look(Load(None, 0, int(second * packets), second * cpu), float(second))
        for second in range(20)
    ]
    assert (Step.TELL in told) == (step is Step.CUT)
    assert told[-1] is step
