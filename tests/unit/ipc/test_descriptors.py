"""Sockets on their way to a worker: a worker that does not read holds nobody up."""

import socket

from rtc_server.ipc.descriptors import descriptor_pair, send_socket


def test_a_worker_that_does_not_read_is_told_to_have_no_room() -> None:
    ours, theirs = descriptor_pair()
    handed, other = socket.socketpair()
    with ours, theirs, handed, other:
        sent = 0
        while send_socket(ours, "session", handed, b"read"):
            sent += 1
            assert sent < 100_000  # and no call waits, which the test's own timeout would end
        assert sent > 0
