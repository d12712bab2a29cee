"""Cases, scorers, speed, reports."""
