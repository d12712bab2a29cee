"""Where does a server listen, who can reach it, and what must it know of them?"""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapply_lsp.errors import SettingsError

if TYPE_CHECKING:
    from fastapply_lsp.settings import Secret

KEY_VARIABLE = "FASTAPPLY_SERVE_API_KEY"


@dataclass(frozen=True, slots=True)
class Address:
    """Where to listen. Port 0 takes any that is free."""

    host: str
    port: int

    @property
    def loopback(self) -> bool:
        """Whether only this machine can reach it."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    @property
    def root(self) -> str:
        """The URL that clients begin with.

        >>> Address("::1", 80).root
        'http://[::1]:80'
        """
        return f"http://{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}"

    @property
    def for_us(self) -> Address:
        """The address under which this machine reaches it.

        >>> Address("0.0.0.0", 80).for_us.root
        'http://127.0.0.1:80'
        """
        everywhere = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104 - compared, not bound
        return Address(everywhere.get(self.host, self.host), self.port)

    @property
    def family(self) -> socket.AddressFamily:
        """IPv6 if the host is written so."""
        return socket.AF_INET6 if ":" in self.host else socket.AF_INET


def demand_key(address: Address, key: Secret | None) -> None:
    """Let nobody listen to other machines without a key.

    Raises:
        SettingsError: others could reach the server, and no key is set.
    """
    if key is None and not address.loopback:
        problem = f"it is not set, and {address.host} can be reached from other machines"
        raise SettingsError(KEY_VARIABLE, problem, "the environment")
