"""A session of single pictures waits half a minute for the next one."""

import pytest

from rtc_server.worker.picture_transport import PATIENCE, PictureTransport


@pytest.mark.parametrize(("configured", "waits"), [(60.0, 30.0), (5.0, 5.0)])
async def test_it_waits_no_longer_than_the_old_service(configured: float, waits: float) -> None:
    assert PATIENCE == 30.0
    transport = PictureTransport("connection", lambda _: None, patience=configured)
    assert transport.patience == waits
