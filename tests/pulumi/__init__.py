"""The Pulumi program and its components, run against a recording engine."""
