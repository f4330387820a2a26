"""Detectors of identifiers with a shape: mails, numbers, codes, addresses, dates."""
