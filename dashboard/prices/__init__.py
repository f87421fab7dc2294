"""Prices in the dashboard: what is in force, what lacks a price, and changes by editors."""
