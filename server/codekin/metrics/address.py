"""Where the numbers may be had: on the loopback interface, nowhere else."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

from codekin.errors import SettingsError

_HIGHEST_PORT = 65_535


@dataclass(frozen=True, slots=True)
class Address:
    """`host` is a numeric loopback address; `port` 0 lets the system choose."""

    host: str
    port: int

    @property
    def is_ipv6(self) -> bool:
        """Whether the host is written in brackets in a URL."""
        return ":" in self.host


def parse_address(text: str) -> Address:
    """Reads "127.0.0.1:9464", "localhost:9464", "[::1]:9464". Raises SettingsError for anything that is not this machine."""
    host, colon, port = text.rpartition(":")
    if not colon or not port.isdecimal() or int(port) > _HIGHEST_PORT:
        raise SettingsError(f'"{text}" is no address for the metrics: give HOST:PORT, such as 127.0.0.1:9464.')
    name = "127.0.0.1" if host == "localhost" else host.removeprefix("[").removesuffix("]")
    try:
        loopback = ipaddress.ip_address(name).is_loopback
    except ValueError:
        loopback = False
    if not loopback:
        raise SettingsError(f'The metrics are for this machine alone: use 127.0.0.1, not "{host}".')
    return Address(name, int(port))
