"""The official compiler's parser, rebuilt from its answers: only to say what it says about wrong syntax."""
