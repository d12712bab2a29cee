"""The names that clients script on: commands, notifications, the request, the kind of actions."""

from __future__ import annotations

APPLY = "fastapply.apply"
CANCEL = "fastapply.cancel"
ACCEPT = "fastapply.accept"
REJECT = "fastapply.reject"
ACCEPT_ALL = "fastapply.acceptAll"
REJECT_ALL = "fastapply.rejectAll"
ACCEPT_ASKED = "fastapply.acceptAsked"
REJECT_UNREQUESTED = "fastapply.rejectUnrequested"
COMMANDS = (
    APPLY,
    CANCEL,
    ACCEPT,
    REJECT,
    ACCEPT_ALL,
    REJECT_ALL,
    ACCEPT_ASKED,
    REJECT_UNREQUESTED,
)

EDIT_FILE = "fastapply/editFile"
APPLIED = "fastapply/applied"
DECIDED = "fastapply/decided"

ACTION_KIND = "refactor.rewrite.fastapply"
