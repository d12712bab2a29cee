"""The one asynchronous conductor that leads an edit from call to review."""
