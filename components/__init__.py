"""The Pulumi program's parts. `naming` and `settings` are pure: the command line reads them too."""
