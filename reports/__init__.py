"""Reports: a read-only view of one judged run, and one file per format that tells it."""
