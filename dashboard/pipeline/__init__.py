"""What the page of the pipeline's health is made of."""
