"""What a demanding new user tries first."""
