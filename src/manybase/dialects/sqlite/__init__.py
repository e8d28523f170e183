"""SQLite: rules, drivers, and the functions that its connections get."""
