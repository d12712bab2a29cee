"""A plug-in for vLLM: drafts for the requests that it serves. `proposer` is the hook."""
