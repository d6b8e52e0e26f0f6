"""``/usr/bin/python3 gstreamer_publisher.py URL TOKEN PICTURE SECONDS CODEC [audio] [channels]``.

GStreamer's ``webrtcbin`` (libnice, its own DTLS and SRTP) publishes a JPEG picture as video by WHIP
and deletes its resource. It makes one key frame, unless it is asked for another. It runs in
Debian's Python, for the bindings are Debian's; it tells how many messages each channel brought.
"""

import json
import sys
import threading
import urllib.parse
import urllib.request
from http.client import HTTPResponse
from typing import Any

import gi

for _name in ("Gst", "GstSdp", "GstWebRTC"):
    gi.require_version(_name, "1.0")

from gi.repository import GLib, Gst, GstSdp, GstWebRTC  # noqa: E402 - after their versions

PICTURE = (
    "filesrc location={} ! jpegdec ! imagefreeze is-live=true ! video/x-raw,framerate=15/1"
    " ! videoconvert ! {} ! publisher."
)
CODECS = {
    "VP8": "vp8enc deadline=1 keyframe-max-dist=3000 ! rtpvp8pay"
    " ! application/x-rtp,media=video,encoding-name=VP8,payload=96",
    "H264": "x264enc tune=zerolatency speed-preset=ultrafast key-int-max=3000"
    " ! video/x-h264,profile=constrained-baseline ! rtph264pay aggregate-mode=zero-latency"
    " ! application/x-rtp,media=video,encoding-name=H264,payload=96",
}
AUDIO = (
    "audiotestsrc is-live=true wave=silence ! audioconvert ! opusenc ! rtpopuspay"
    " ! application/x-rtp,media=audio,encoding-name=OPUS,payload=97 ! publisher."
)
CHANNELS = {"metrics": "options,ordered=false,max-retransmits=2", "control": "options,ordered=true"}

GObject = Any
"""The bindings have no types."""


class Publisher:
    """One connection: offers once its candidates are gathered, and takes the answer."""

    def __init__(self, url: str, token: str, pipeline: str, *, channels: bool) -> None:
        self._url, self._token = url, token
        self._pipeline = Gst.parse_launch(
            f"webrtcbin name=publisher bundle-policy=max-bundle {pipeline}"
        )
        self._peer = self._pipeline.get_by_name("publisher")
        self._ice = self._peer.get_property("ice-agent")  # freed too early if it were not kept
        self._ice.emit("add-local-ip-address", "127.0.0.1")
        self._resource: str | None = None
        self._heard = dict.fromkeys(CHANNELS, 0)
        self._peer.connect("on-negotiation-needed", self._offer)
        self._peer.connect("notify::ice-gathering-state", self._gathered)
        self._pipeline.set_state(Gst.State.READY)
        self._channels = [self._open(label) for label in CHANNELS] if channels else []
        self._pipeline.set_state(Gst.State.PLAYING)

    def end(self) -> dict[str, int]:
        """Delete the resource; says how many messages each channel brought."""
        assert self._resource is not None, "no answer"
        with self._ask("DELETE", self._resource, None) as answer:
            assert answer.status == 200, answer.status
        self._pipeline.set_state(Gst.State.NULL)
        return self._heard

    def _open(self, label: str) -> GObject:
        options = Gst.Structure.new_from_string(CHANNELS[label])
        channel = self._peer.emit("create-data-channel", label, options)
        channel.connect("on-message-string", lambda *_: self._count(label))
        return channel

    def _count(self, label: str) -> None:
        self._heard[label] += 1

    def _offer(self, _: GObject) -> None:
        self._peer.emit("create-offer", None, Gst.Promise.new_with_change_func(self._offered))

    def _offered(self, promise: GObject, *_: GObject) -> None:
        self._reply = promise.get_reply()  # the description is part of it, and goes with it
        offer = self._reply.get_value("offer")
        self._peer.emit("set-local-description", offer, Gst.Promise.new())

    def _gathered(self, *_: GObject) -> None:
        if self._peer.get_property("ice-gathering-state").value_nick == "complete":
            offer = self._peer.get_property("local-description").sdp.as_text()
            threading.Thread(target=self._post, args=(offer,)).start()

    def _post(self, offer: str) -> None:
        with self._ask("POST", self._url, offer.encode()) as answer:
            self._resource = urllib.parse.urljoin(self._url, answer.headers["Location"])
            _, message = GstSdp.SDPMessage.new_from_text(answer.read().decode())
        kind = GstWebRTC.WebRTCSDPType.ANSWER
        description = GstWebRTC.WebRTCSessionDescription.new(kind, message)
        self._peer.emit("set-remote-description", description, Gst.Promise.new())

    def _ask(self, method: str, url: str, body: bytes | None) -> HTTPResponse:
        headers = {"Content-Type": "application/sdp", "Authorization": f"Bearer {self._token}"}
        request = urllib.request.Request(url, body, headers, method=method)
        answer: HTTPResponse = urllib.request.urlopen(request)
        return answer


def main(url: str, token: str, picture: str, seconds: str, codec: str, *more: str) -> None:
    """Publish for some seconds."""
    Gst.init(None)
    pipeline = PICTURE.format(picture, CODECS[codec]) + (f" {AUDIO}" if "audio" in more else "")
    publisher = Publisher(url, token, pipeline, channels="channels" in more)
    loop = GLib.MainLoop()
    GLib.timeout_add(int(float(seconds) * 1000), loop.quit)
    loop.run()
    sys.stdout.write(json.dumps(publisher.end()))


if __name__ == "__main__":
    main(*sys.argv[1:])
