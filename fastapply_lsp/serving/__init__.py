"""An OpenAI-compatible server on an engine of this machine."""
