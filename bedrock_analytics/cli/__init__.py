"""The command line, for embedded and AWS deployments alike."""
