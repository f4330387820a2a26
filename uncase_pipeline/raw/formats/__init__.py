"""One format a file: how it is recognised, and how it becomes drafts."""
