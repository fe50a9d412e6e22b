"""Hostile servers, one numbered test for each thing that they may do to us."""
