"""Detectors of people's names and places: lists, rules and a small model, in union."""
