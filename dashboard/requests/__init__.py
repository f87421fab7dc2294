"""What the page of single calls is made of."""
