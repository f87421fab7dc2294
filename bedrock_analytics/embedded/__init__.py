"""The same deployment on one machine, without AWS."""
