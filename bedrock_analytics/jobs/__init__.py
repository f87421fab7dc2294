"""What the Lambda handlers and the embedded runner do: functions of their dependencies."""
