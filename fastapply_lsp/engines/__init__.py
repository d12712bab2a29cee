"""How a draft gets into an inference engine. Nothing is imported until an engine is asked for."""
