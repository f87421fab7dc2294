"""What the page of people's own queries is made of."""
