"""Pieces of the page: functions from domain rows to Dash components."""
