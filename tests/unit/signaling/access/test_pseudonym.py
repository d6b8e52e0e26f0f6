"""Students are told apart in the log, and not told."""

from signaling.access.pseudonym import DIGITS, Pseudonyms


def test_the_same_key_gives_the_same_name_and_another_another() -> None:
    assert Pseudonyms("key").of("7") == Pseudonyms("key").of("7")
    assert Pseudonyms("key").of("7") != Pseudonyms("key").of("8")
    assert Pseudonyms("key").of("7") != Pseudonyms("other").of("7")


def test_without_a_key_names_hold_for_one_process() -> None:
    one, other = Pseudonyms(None), Pseudonyms(None)
    assert one.of("7") == one.of("7") != other.of("7")


def test_a_name_shows_nothing_of_the_id() -> None:
    name = Pseudonyms("key").of("4711")
    assert len(name) == DIGITS
    assert "4711" not in name
