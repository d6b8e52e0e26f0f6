"""The protocol's page is what the message models say."""

from scripts.protocol import TARGET, render


def test_the_page_is_up_to_date() -> None:
    assert TARGET.read_text() == render()
