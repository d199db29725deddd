"""Tasks with exact truth: input pictures, instruction, target pictures and what must stay as it was."""
