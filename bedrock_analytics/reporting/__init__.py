"""Answers from the serving tables, for the dashboard and the command line alike."""
