"""Lambda handlers: decode the event, call one job, encode the answer."""
