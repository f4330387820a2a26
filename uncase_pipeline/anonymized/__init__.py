"""Layer: anonymized_conversations. Detectors, names, surrogates, the residual audit."""
