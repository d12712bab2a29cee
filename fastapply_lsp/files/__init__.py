"""The disk: workspace files, the journal, settings."""
