"""Benchmarks that anyone can run: `make bench`. Each compares civicseal with a rival in the same run."""
