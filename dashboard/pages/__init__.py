"""Pages: each offers `layout` and `register`."""
