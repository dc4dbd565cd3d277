"""Events: what a stored event means, who may see it, and what functions derive from it."""
