"""Protocols of the things outside the process, and their AWS adapters."""
