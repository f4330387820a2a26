"""The uncase command line: thin doors to the layers' functions."""
