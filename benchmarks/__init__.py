"""Benchmarks that anyone can run: `make bench`, `python -m benchmarks.tls`, `python -m benchmarks.reports`.

Those that compare civicseal with a rival run both in turn, in the same run, on the same machine.
"""
