"""An adapter for TensorRT-LLM: a drafter for ``UserProvidedDecodingConfig``. Not run.

Written from the sources that TensorRT-LLM has published. `drafter` is the hook.
"""
