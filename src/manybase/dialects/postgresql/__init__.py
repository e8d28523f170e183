"""PostgreSQL: rules and drivers."""
