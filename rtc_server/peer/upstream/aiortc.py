"""The private names of aiortc that this room stands on, in one place.

aiortc 1.16 has no public seam for the jitter buffer, the decoder or the ICE agent of one
connection. ``tests/unit/peer/upstream/test_aiortc.py`` holds these names against the installed
version.
"""

CERTIFICATES = "_RTCPeerConnection__certificates"
CREATE_DTLS_TRANSPORT = "_RTCPeerConnection__createDtlsTransport"
CREATE_SCTP_TRANSPORT = "_RTCPeerConnection__createSctpTransport"
CREATE_TRANSCEIVER = "_RTCPeerConnection__createTransceiver"
TRANSCEIVER_RECEIVER = "_RTCRtpTransceiver__receiver"

CODECS = "_RTCRtpReceiver__codecs"
DECODER_QUEUE = "_RTCRtpReceiver__decoder_queue"
DECODER_THREAD = "_RTCRtpReceiver__decoder_thread"
REMOTE_STREAMS = "_RTCRtpReceiver__remote_streams"
LAST_REPORTS = "_RTCRtpReceiver__lsr"
LAST_REPORT_TIMES = "_RTCRtpReceiver__lsr_time"
RTCP_EXITED = "_RTCRtpReceiver__rtcp_exited"
RTCP_SSRC = "_RTCRtpReceiver__rtcp_ssrc"
RTX_SSRC = "_RTCRtpReceiver__rtx_ssrc"
