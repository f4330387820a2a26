"""The optional LLM judge: what it is asked, what its points are worth, and how far people agree with it."""
