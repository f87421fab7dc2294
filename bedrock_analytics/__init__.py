"""Amazon Bedrock usage, cost and performance from invocation logs."""
