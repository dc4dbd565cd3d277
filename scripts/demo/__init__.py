"""The demo: the whole stack from nothing, a calendar moved in, a story played through the rules, and checked."""
