"""``python -m tests.fakes.ffmpeg_publisher URL SECONDS [NAME=VALUE …]``: FFmpeg's own WHIP client.

A process of its own, for FFmpeg asks over HTTP without letting go of Python's lock. The names are
options of its muxer. It offers no candidate and no data channel, and deletes its resource.
"""

import fractions
import sys
import time

import av

from tests.fakes.pictures import astronaut

FPS = 10


def main(url: str, seconds: str, *options: str) -> None:
    """Publish the astronaut as H264."""
    named = dict(option.split("=", 1) for option in options)
    with av.open(url, "w", format="whip", options=named) as container:
        stream = container.add_stream("libx264", rate=FPS)
        stream.width, stream.height, stream.pix_fmt = 640, 480, "yuv420p"
        stream.options = {"profile": "baseline", "preset": "ultrafast", "tune": "zerolatency"}
        began = time.monotonic()
        for number in range(int(float(seconds) * FPS)):
            frame = av.VideoFrame.from_ndarray(astronaut(), format="rgb24")
            frame.pts, frame.time_base = number, fractions.Fraction(1, FPS)
            container.mux(stream.encode(frame))
            if number == 0:  # it has connected first, which is no part of the lesson
                began = time.monotonic()
            time.sleep(max(0.0, began + (number + 1) / FPS - time.monotonic()))


if __name__ == "__main__":
    main(*sys.argv[1:])
