"""Which packets of SSH are not worth sending."""

from __future__ import annotations

from asyncssh.connection import SSHConnection
from asyncssh.constants import MSG_IGNORE
from asyncssh.packet import SSHPacketLogger


def without_ignored(connection: SSHConnection) -> None:
    """Send none of the empty packets that asyncssh puts before each packet.

    They hide from an onlooker what the next packet's cipher starts from, which is of use with CBC only. With GCM and
    CTR they cost a quarter of all the work of a transfer, and protect nothing.
    """
    send = connection.send_packet

    def send_packet(pkttype: int, *args: bytes, handler: SSHPacketLogger | None = None) -> None:
        if pkttype != MSG_IGNORE:
            send(pkttype, *args, handler=handler)

    connection.send_packet = send_packet  # type: ignore[method-assign]  # asyncssh calls what stands here
