"""Knowledge pictures: formulas, charts, diagrams and user interfaces drawn from exact data, with a difficulty of 1 to 5."""
