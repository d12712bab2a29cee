"""An adapter for SGLang: its n-gram decoding, with this project's drafts. Not run.

Written from the sources of SGLang 0.5.23. `plugin` is the entry point, `worker` the hook.
"""
