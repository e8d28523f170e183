"""What keeps Manybase fast, shown without a clock: frames, statements, plans, results."""
