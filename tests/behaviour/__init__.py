"""The behaviour owed, test by test; also the application ``behaviour`` whose models they use."""
