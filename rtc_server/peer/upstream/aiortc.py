"""The private names of aiortc that this room stands on, all of them; read by the worker's loop.

aiortc has no public seam for the jitter buffer, the decoder, the association or the ICE agent of
one connection. What is named here was read in ``VERSION``, the only one that is installed.
``tests/unit/peer/upstream/test_private_names.py`` fails by name for one that upstream no longer has
or no longer uses, and for one that is used in this room and missing here.
"""

VERSION = "1.16.0"

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

PRIVATE = {
    "aiortc.rtcpeerconnection.RTCPeerConnection": {
        CERTIFICATES: "sets: one with ciphers for servers whose certificate is RSA",
        CREATE_DTLS_TRANSPORT: "overrides: our ICE agent, and media in one call to its frame",
        CREATE_SCTP_TRANSPORT: "overrides: our association",
        CREATE_TRANSCEIVER: "overrides: our receiver",
    },
    "aiortc.rtcrtptransceiver.RTCRtpTransceiver": {
        TRANSCEIVER_RECEIVER: "sets: our receiver in place of the one that was made",
    },
    "aiortc.rtcrtpsender.RTCRtpSender": {
        "_ssrc": "reads: what our receiver signs its reports with",
    },
    "aiortc.rtcrtpreceiver.RTCRtpReceiver": {
        CODECS: "reads: the codec of a payload type",
        DECODER_QUEUE: "sets: one that ends the thread which decodes nothing here",
        DECODER_THREAD: "sets: none, lest stopping joins it on the loop",
        REMOTE_STREAMS: "reads: the statistics that its reports are made of",
        LAST_REPORTS: "reads: the sender reports that its reports answer",
        LAST_REPORT_TIMES: "reads: when they came",
        RTCP_EXITED: "reads: set where its task ended before it began",
        RTCP_SSRC: "reads: who signs our reports",
        RTX_SSRC: "reads: whose repairs a stream carries",
        "_handle_disconnect": "overrides: no track of aiortc's is to be told",
        "_handle_rtcp_packet": "overrides: reports are taken on the short way already",
        "_handle_rtp_packet": "overrides: a packet goes to its frame in one call",
        "_run_rtcp": "overrides: it must end when it is cancelled before it began",
        "_send_rtcp": "calls: the estimate of the bitrate",
        "_send_rtcp_nack": "calls: asks for what is missing",
        "_send_rtcp_pli": "calls: asks for a key frame",
        "_set_rtcp_ssrc": "calls: who signs our reports",
    },
    "aiortc.rtcdtlstransport.RTCCertificate": {
        "_create_ssl_context": "overrides: more ciphers",
    },
    "aiortc.rtcdtlstransport.RTCDtlsTransport": {
        "_rtp_header_extensions_map": "reads: a packet is parsed on the short way",
        "_rtp_router": "reads: whose packet it is",
        "_rx_srtp": "reads: a packet is decrypted on the short way",
        "_set_role": "calls: the browser begins the handshake",
        "_ssl": "reads: what OpenSSL wrote",
        "_write_ssl": "overrides: datagrams that fit a small path",
    },
    "aiortc.rtcicetransport.RTCIceGatherer": {
        "_connection": "sets: our agent",
    },
    "aiortc.rtcicetransport.RTCIceTransport": {
        "_connection": "sets: our agent",
        "_recv": "sets: our agent's",
        "_send": "sets: our agent's",
    },
    "aiortc.jitterbuffer.JitterBuffer": {
        "_capacity": "reads: how far a packet may be ahead",
        "_origin": "sets: goes on behind a gap that is given up",
        "_packets": "sets: emptied when it starts anew",
        "_remove_frame": "overrides: a frame is complete with its marker, not with the next one",
    },
    "aiortc.rtp.RtpPacket": {
        "_data": "sets: where the jitter buffer looks for the payload",
    },
    "aiortc.rate.RateCounter": {
        "_erase_old": "overrides: no bucket for each millisecond that passed",
        "_origin_ms": "sets: where the window begins",
        "_scale": "reads: units of the rate",
        "_window_size": "reads: milliseconds",
    },
    "aiortc.rtcsctptransport.RTCSctpTransport": {
        "_cwnd": "sets: two messages more after a loss",
        "_data_channel_queue": "reads: how much waits to be sent",
        "_data_channel_receive": "overrides: no more channels than are used",
        "_data_channels": "reads: which there are",
        "_handle_data": "overrides: no chunk ends the connection",
        "_inbound_streams": "reads: what waits for its turn",
        "_last_received_tsn": "reads: how far a chunk is ahead",
        "_local_tsn": "reads: how much a SACK may name",
        "_mark_received": "calls: acknowledges what nobody listens to",
        "_outbound_queue": "reads: whether the last words have gone",
        "_receive_data_chunk": "overrides: what waits is bounded",
        "_receive_forward_tsn_chunk": "overrides: no stream is made by it",
        "_receive_sack_chunk": "overrides: the gaps it names are bounded",
        "_rto": "sets: timers for people who wait",
        "_rttvar": "reads: of the timer",
        "_sack_misordered": "reads: how much is out of order",
        "_sack_needed": "sets: what was dropped is to be sent again",
        "_sent_queue": "reads: whether the last words were taken",
        "_srtt": "reads: of the timer",
        "_t1_expired": "overrides: an association is set up sooner",
        "_t3_expired": "overrides: the window after a loss",
        "_update_rto": "overrides: the timer's bounds",
    },
}
"""Of each class, its names: whether one is read, set, called or overridden, and what for."""
