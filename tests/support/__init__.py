"""What the tests have in common: factories, real servers, hostile input, oracles."""
