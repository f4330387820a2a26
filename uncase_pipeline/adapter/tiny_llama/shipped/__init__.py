"""The base as `make base` left it: weights, tokenizer, template, and the recipe that they come from."""
