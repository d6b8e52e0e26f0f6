from rtc_server.vision.due import Due


def test_what_was_never_put_has_come() -> None:
    assert Due().has_come(0.0)
    assert Due().has_come(-5.0)


def test_it_comes_when_the_wait_is_over() -> None:
    due = Due()
    due.put(10.0, 2.0)
    assert [due.has_come(time) for time in (10.0, 11.9, 12.0, 20.0)] == [False, False, True, True]


def test_it_has_come_when_the_clock_went_back() -> None:
    due = Due()
    due.put(10.0, 2.0)
    assert due.has_come(9.9)
