"""One small test for each named part of the query language, on every database and both faces."""
