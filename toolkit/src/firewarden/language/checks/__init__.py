"""The checks of a file that parses: each looks at one thing and yields what it finds."""
