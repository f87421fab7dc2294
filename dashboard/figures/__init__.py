"""Plotly figures from domain rows: pure functions."""
