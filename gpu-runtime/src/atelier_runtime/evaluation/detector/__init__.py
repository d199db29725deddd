"""The detector of the whole world: a locator of things, a recogniser of one thing in its box, and both as one graph."""
