"""Names are never SQL: each is quoted, bound or refused; and bad input is told at the call."""
