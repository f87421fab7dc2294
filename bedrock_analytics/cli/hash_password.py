"""`hash-password`: what config.yaml keeps of a password."""

from __future__ import annotations

import sys

import click

from bedrock_analytics.domain.errors import ConfigurationError


@click.command("hash-password", short_help="Hash a password for config.yaml.")
@click.option("--stdin", "from_stdin", is_flag=True, help="Read the password from standard input.")
def hash_password(from_stdin: bool) -> None:
    """Ask for a password and print its hash, for a user's password_hash in config.yaml."""
    from dashboard.auth import passwords

    if from_stdin or not sys.stdin.isatty():
        password = sys.stdin.read().rstrip("\r\n")
    else:
        password = str(click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True))

    if len(password) < passwords.MIN_PASSWORD_LENGTH:
        raise ConfigurationError(
            f"the password has {len(password)} characters and needs {passwords.MIN_PASSWORD_LENGTH}"
        )
    if len(password) > passwords.MAX_PASSWORD_LENGTH:
        raise ConfigurationError(f"a password has at most {passwords.MAX_PASSWORD_LENGTH:,} characters")
    click.echo(passwords.hash_password(password))
