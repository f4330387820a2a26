"""What every layer may ask of a text: its language, dialogue acts and facts. Knows no layer."""
