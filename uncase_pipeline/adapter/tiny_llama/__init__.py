"""The embedded base model: text that it is trained on, recipe, weights. Knows no pipeline and no private text."""
