"""The illustrated world: scenes with complete ground truth, composed from the sprite atlas."""
