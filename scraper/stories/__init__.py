"""Which articles report one event, whose text copies whose, and who was first: pure functions."""
