"""What the architecture is worth: small trainings that differ in one thing, two seeds each, on the same batches."""
