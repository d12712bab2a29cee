"""What is registered with the library, and who answers it. Each handler hands on, and no more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lsprotocol import types

from fastapply_lsp.server.names import ACTION_KIND, COMMANDS, EDIT_FILE

if TYPE_CHECKING:
    from fastapply_lsp.server.app import FastApplyServer


def register(server: FastApplyServer) -> None:
    """Register every feature."""
    _register_life(server)
    _register_documents(server)
    _register_edits(server)


def _register_life(server: FastApplyServer) -> None:
    @server.feature(types.INITIALIZE)
    def initialize(params: types.InitializeParams) -> None:
        server.initialize(params)

    @server.feature(types.INITIALIZED)
    async def initialized(_: types.InitializedParams) -> None:
        await server.office.configuration.load()
        await server.connection.follow_configuration()

    @server.feature(types.SHUTDOWN)
    async def shutdown(_: Any) -> None:  # noqa: ANN401 - nothing
        await server.office.applies.put_back()

    @server.feature(types.WORKSPACE_DID_CHANGE_CONFIGURATION)
    async def configured(params: Any) -> None:  # noqa: ANN401 - JSON
        await server.office.configuration.changed(params)

    @server.feature(types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS)
    def folders(params: types.DidChangeWorkspaceFoldersParams) -> None:
        server.change_folders(params.event)


def _register_documents(server: FastApplyServer) -> None:
    # The library looks whether these are there before it tells the client of document sync;
    # `Protocol` takes the messages.
    for name in (
        types.TEXT_DOCUMENT_DID_OPEN,
        types.TEXT_DOCUMENT_DID_CHANGE,
        types.TEXT_DOCUMENT_DID_CLOSE,
    ):
        server.feature(name)(lambda _: None)

    @server.feature(types.TEXT_DOCUMENT_CODE_LENS, types.CodeLensOptions(resolve_provider=False))
    async def lenses(params: types.CodeLensParams) -> list[types.CodeLens]:
        return await server.office.lenses.of(params.text_document.uri)

    options = types.CodeActionOptions(code_action_kinds=[ACTION_KIND], resolve_provider=True)

    @server.feature(types.TEXT_DOCUMENT_CODE_ACTION, options)
    async def actions(params: types.CodeActionParams) -> list[types.CodeAction]:
        only = params.context.only
        kinds = None if only is None else [getattr(kind, "value", kind) for kind in only]
        return await server.office.actions.of(params.text_document.uri, params.range, kinds)

    @server.feature(types.CODE_ACTION_RESOLVE)
    def resolve(action: types.CodeAction) -> types.CodeAction:
        return server.office.actions.resolve(action)


def _register_edits(server: FastApplyServer) -> None:
    for name in COMMANDS:
        # Listed for the client; `Protocol` hands the call itself to `Commands`.
        server.command(name)(lambda: None)

    @server.feature(EDIT_FILE)
    async def edit_file(params: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
        return await server.office.commands.edit_file(params)

    @server.feature(types.WINDOW_WORK_DONE_PROGRESS_CANCEL)
    def cancel(params: types.WorkDoneProgressCancelParams) -> None:
        applying = server.office.applies.by_token(params.token)
        if applying is not None:
            applying.cancel()
