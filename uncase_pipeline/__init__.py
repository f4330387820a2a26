"""From conversations that may not be shared to a certified synthetic dataset and a LoRA adapter that may."""
