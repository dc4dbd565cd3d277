"""Listeners' targets: which documents are in one, and what commits change of that. Neither stores nor sends."""
