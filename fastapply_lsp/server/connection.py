"""The client: what it can do, and what we can ask it.

Everything that leaves the server passes here. A request that we wait for is shielded, since the
library cannot take an answer to a request whose waiting was cancelled; a connection that is gone
answers like a client that says no.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.capabilities import get_capability
from pygls.exceptions import JsonRpcException

from fastapply_lsp.apply.ports import Answer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastapply_lsp.server.protocol import Protocol

_log = logging.getLogger(__name__)

ANSWER_WITHIN_S = 60.0
"""How long a client may take to answer; some ask their user before they take an edit."""


@dataclass(frozen=True, slots=True)
class ClientAbilities:
    """What the client declared at ``initialize``."""

    apply_edit: bool = False
    document_changes: bool = False
    create_files: bool = False
    show_document: bool = False
    progress: bool = False
    refresh_lenses: bool = False
    configuration: bool = False
    register_configuration: bool = False
    resolve_commands: bool = False
    checks_version_0: bool = True

    @classmethod
    def declared(
        cls, capabilities: types.ClientCapabilities, client: str | None = None
    ) -> ClientAbilities:
        """Read them from the client's capabilities, and from what is known of it by its name."""

        def flag(name: str) -> bool:
            return bool(get_capability(capabilities, name, False))

        operations = get_capability(capabilities, "workspace.workspace_edit.resource_operations")
        lazily = get_capability(
            capabilities, "text_document.code_action.resolve_support.properties"
        )
        return cls(
            apply_edit=flag("workspace.apply_edit"),
            # Neovim 0.11 does not declare them, yet takes them; it could not create files without.
            document_changes=bool(operations) or flag("workspace.workspace_edit.document_changes"),
            create_files="create" in (operations or ()),
            show_document=flag("window.show_document.support"),
            progress=flag("window.work_done_progress"),
            refresh_lenses=flag("workspace.code_lens.refresh_support"),
            configuration=flag("workspace.configuration"),
            register_configuration=flag("workspace.did_change_configuration.dynamic_registration"),
            resolve_commands="command" in (lazily or ()),
            checks_version_0=client != "Neovim",
        )

    def version(self, version: int | None) -> int | None:
        """Return the number by which an edit names a document's version.

        Neovim takes an edit for version 0 whatever was typed since; it numbers the next version 3
        or higher, so 1 names the same text there, and is checked.
        """
        return 1 if version == 0 and not self.checks_version_0 else version


@dataclass(frozen=True, slots=True)
class Refused:
    """The client answered with an error, not at all, or is gone."""

    reason: str


class Connection:
    """Speaks to the client. Used on the event loop only."""

    def __init__(self, protocol: Protocol) -> None:
        self._protocol = protocol
        self.abilities = ClientAbilities()
        self._refreshing = False

    # Requests

    async def ask(self, method: str, params: Any) -> Any | Refused:  # noqa: ANN401 - JSON both ways
        """Send a request; return the result as JSON, or why there is none."""
        future = asyncio.wrap_future(self._protocol.send_request(method, params))
        future.add_done_callback(_looked_at)
        try:
            async with asyncio.timeout(ANSWER_WITHIN_S):
                answer = await asyncio.shield(future)
        except JsonRpcException as error:
            return Refused(str(error))
        except TimeoutError:
            return Refused(f"no answer within {ANSWER_WITHIN_S:g} s")
        except asyncio.CancelledError:
            if future.cancelled():  # not we were cancelled: the connection closes
                return Refused("the connection is closing")
            raise
        # The library hands on a plain answer's result.
        return answer

    async def apply_edit(self, changes: Sequence[dict[str, Any]]) -> Answer:
        """Send ``workspace/applyEdit`` with ``documentChanges``, as far as the client knows them.

        It has no label: some editors print one message for each.
        """
        edit: dict[str, Any] = {"documentChanges": list(changes)}
        if not self.abilities.document_changes and all("edits" in one for one in changes):
            edit = {"changes": {one["textDocument"]["uri"]: one["edits"] for one in changes}}
        params = {"edit": edit}
        match await self.ask(types.WORKSPACE_APPLY_EDIT, params):
            case Refused(reason):
                return Answer(applied=False, reason=reason)
            case {"applied": bool(applied), "failureReason": str(reason)}:
                return Answer(applied=applied, reason=reason)
            case {"applied": bool(applied)}:
                return Answer(applied=applied)
            case None:
                # Outside the protocol, yet seen; the buffer will tell.
                return Answer(applied=True)
            case other:
                _log.warning("An answer to an edit has an unknown form: %s", type(other).__name__)
                return Answer(applied=False, reason="the answer cannot be read")

    async def show_document(self, uri: str) -> bool:
        """Ask the client to open a document without taking the focus; return whether it did."""
        params = {"uri": uri, "takeFocus": False}
        match await self.ask(types.WINDOW_SHOW_DOCUMENT, params):
            case {"success": True}:
                return True
            case _:
                return False

    async def configuration(self) -> dict[str, object] | None:
        """Ask for the section ``fastapply``; ``None`` where the client does not say."""
        if not self.abilities.configuration:
            return None
        match await self.ask(types.WORKSPACE_CONFIGURATION, {"items": [{"section": "fastapply"}]}):
            case [dict(section)]:
                return section
            case _:
                return None

    async def follow_configuration(self) -> None:
        """Ask to be told when the configuration changes; some clients tell only who asks."""
        if self.abilities.register_configuration:
            method = types.WORKSPACE_DID_CHANGE_CONFIGURATION
            registration = {"id": "configuration", "method": method}
            params = {"registrations": [registration]}
            await self.ask(types.CLIENT_REGISTER_CAPABILITY, params)

    async def create_progress(self, token: str) -> bool:
        """Ask for a progress bar; return whether there will be one."""
        if not self.abilities.progress:
            return False
        answer = await self.ask(types.WINDOW_WORK_DONE_PROGRESS_CREATE, {"token": token})
        return not isinstance(answer, Refused)

    # Notifications

    def notify(self, method: str, params: dict[str, Any]) -> None:
        """Send a notification of our own."""
        self._protocol.notify(method, params)

    def report_progress(self, token: str | int, value: Any) -> None:  # noqa: ANN401 - one of three
        """Send ``$/progress``."""
        self._protocol.notify(types.PROGRESS, types.ProgressParams(token=token, value=value))

    def show(self, kind: types.MessageType, message: str) -> None:
        """Show a message to the user."""
        params = types.ShowMessageParams(type=kind, message=message)
        self._protocol.notify(types.WINDOW_SHOW_MESSAGE, params)

    def log(self, message: str) -> None:
        """Put a message where the client keeps what nobody has to read."""
        params = types.LogMessageParams(type=types.MessageType.Info, message=message)
        self._protocol.notify(types.WINDOW_LOG_MESSAGE, params)

    def refresh_lenses(self) -> None:
        """Ask the client to fetch the lenses anew, where it can; one request at a time."""
        if not self.abilities.refresh_lenses or self._refreshing:
            return
        self._refreshing = True
        asyncio.get_running_loop().call_later(REFRESH_AFTER_S, self._refresh)

    def _refresh(self) -> None:
        self._refreshing = False
        future = self._protocol.send_request(types.WORKSPACE_CODE_LENS_REFRESH, None)
        future.add_done_callback(lambda done: done.cancelled() or done.exception())


REFRESH_AFTER_S = 0.05
"""Changes that come closer together than this share one refresh."""


def _looked_at(future: asyncio.Future[Any]) -> None:
    """Count an error as seen: an answer that nobody waits for any more is no fault."""
    if not future.cancelled():
        future.exception()
