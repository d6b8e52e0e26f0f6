"""GStreamer's webrtcbin, which shares no line with browsers, aiortc or FFmpeg, is measured."""

import asyncio
import json
import subprocess
from pathlib import Path

import pytest

from tests.fakes.http_site import HttpSite
from tests.fakes.pictures import astronaut, jpeg
from tests.fakes.site import TOKEN_SETTINGS, token
from tests.process.conftest import Serve
from tests.process.records import measured_throughout, the_only_record
from tests.servers.service import ROOT

pytestmark = [pytest.mark.timeout(120), pytest.mark.needs("gstreamer")]

DEBIANS_PYTHON = "/usr/bin/python3"
PUBLISHER = ROOT / "tests/fakes/gstreamer_publisher.py"
SECONDS = 5


def publish(url: str, picture: Path, *options: str) -> dict[str, int]:
    """Messages of each channel."""
    command = [DEBIANS_PYTHON, str(PUBLISHER), url, token(), str(picture), str(SECONDS), *options]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    messages: dict[str, int] = json.loads(done.stdout)
    return messages


@pytest.mark.parametrize("options", [["VP8", "audio"], ["H264", "channels"]], ids=" and ".join)
async def test_gstreamer_publishes_is_measured_and_deletes(
    prepare: Serve, site: HttpSite, tmp_path: Path, options: list[str]
) -> None:
    picture = tmp_path / "astronaut.jpg"
    picture.write_bytes(jpeg(astronaut()))
    with prepare(**TOKEN_SETTINGS) as service:
        messages = await asyncio.to_thread(publish, f"{service.url}/whip", picture, *options)
        record = await the_only_record(site, 5.0)
    assert record["end_reason"] == "client_bye"
    measured_throughout(record, SECONDS - 1)
    assert record["detection_rate"] == 100
    if "channels" in options:
        assert messages["metrics"] >= 0.8 * record["frames_processed"]
        assert messages["control"] >= 1
