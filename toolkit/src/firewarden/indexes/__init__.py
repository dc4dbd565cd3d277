"""Indexes: what queries need, what is defined, and what of it is missing or unused."""

from firewarden.firestore.query.needs import Need
from firewarden.indexes.catalog import Catalog, CatalogQuery, read_catalog
from firewarden.indexes.defined import Defined
from firewarden.indexes.definitions import Definitions, FieldOverride, Index, IndexField, read_definitions
from firewarden.indexes.deriving import derived
from firewarden.indexes.needs import planned_needs, recorded_need, reported_need, serving
from firewarden.indexes.usage import Judgement, QueryNeeds, judge, planned, query_needs, recorded

__all__ = [
    "Catalog",
    "CatalogQuery",
    "Defined",
    "Definitions",
    "FieldOverride",
    "Index",
    "IndexField",
    "Judgement",
    "Need",
    "QueryNeeds",
    "derived",
    "judge",
    "planned",
    "planned_needs",
    "query_needs",
    "read_catalog",
    "read_definitions",
    "recorded",
    "recorded_need",
    "reported_need",
    "serving",
]
