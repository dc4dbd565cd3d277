"""Portable decision cases: who may do what, as files that any rules engine can be held against.

Loading needs no Google library and no server; only running does.
"""

from firewarden.testing.cases.catalog import catalog_cases
from firewarden.testing.cases.load import load_cases
from firewarden.testing.cases.model import Actor, Case, CaseFile, Operation

__all__ = ["Actor", "Case", "CaseFile", "Operation", "catalog_cases", "load_cases"]
