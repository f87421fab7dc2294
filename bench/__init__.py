"""Benchmarks: `make bench` runs them all and prints docs/benchmarks.md's tables. No test times anything."""
