"""lora_adapter: a LoRA adapter with a privacy guarantee that is measured. The only layer that imports torch."""
