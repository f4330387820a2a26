"""Layer: lora_adapter. SFT, DP-SGD, the memorisation audit."""
