"""atelier-bench-v1: 1,000 frozen prompts over all tasks and splits, their judges, reports and planted defects."""
