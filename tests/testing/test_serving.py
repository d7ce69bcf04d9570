"""An app that is served answers at once."""

import socket

from op_core.testing.serving import _opened


def test_answers_do_not_wait_for_an_acknowledgement():
    """On a connection that is kept, each answer would wait 40 ms for it."""
    with _opened(0) as listener, socket.create_connection(listener.getsockname()):
        accepted, _ = listener.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
