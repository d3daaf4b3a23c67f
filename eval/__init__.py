"""Questions with their evidence, and what the service makes of them."""
