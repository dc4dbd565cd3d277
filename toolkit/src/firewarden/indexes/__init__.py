"""Composite indexes: what queries need, what is defined, and what of it is missing or unused."""

from firewarden.indexes.catalog import Catalog, CatalogQuery, read_catalog
from firewarden.indexes.definitions import Definitions, FieldOverride, Index, IndexField, read_definitions
from firewarden.indexes.needs import Need, reported_need, serving, single_field_need
from firewarden.indexes.usage import Judgement, QueryNeeds, judge, query_needs

__all__ = [
    "Catalog",
    "CatalogQuery",
    "Definitions",
    "FieldOverride",
    "Index",
    "IndexField",
    "Judgement",
    "Need",
    "QueryNeeds",
    "judge",
    "query_needs",
    "read_catalog",
    "read_definitions",
    "reported_need",
    "serving",
    "single_field_need",
]
