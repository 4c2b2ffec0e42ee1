"""The address of the metrics, which must be on the loopback interface."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

from codekin.errors import SettingsError

_MAX_PORT = 65_535


@dataclass(frozen=True, slots=True)
class Address:
    """A numeric loopback address and a port; port 0 lets the system choose one."""

    host: str
    port: int

    @property
    def is_ipv6(self) -> bool:
        """Whether the host is written in brackets in a URL."""
        return ":" in self.host


def parse_address(text: str) -> Address:
    """Parse "127.0.0.1:9464", "localhost:9464" or "[::1]:9464".

    Raises SettingsError for an address that is not of this machine.
    """
    host, colon, port = text.rpartition(":")
    if not colon or not port.isdecimal() or int(port) > _MAX_PORT:
        raise SettingsError(f'"{text}" is not a valid address for metrics. Use HOST:PORT, such as 127.0.0.1:9464.')
    name = "127.0.0.1" if host == "localhost" else host.removeprefix("[").removesuffix("]")
    try:
        loopback = ipaddress.ip_address(name).is_loopback
    except ValueError:
        loopback = False
    if not loopback:
        raise SettingsError(f'Metrics are served to this machine only. Use 127.0.0.1 instead of "{host}".')
    return Address(name, int(port))
