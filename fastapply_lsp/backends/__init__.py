"""Who writes the rewrite: a model over HTTP, the embedded merge, or a script."""
