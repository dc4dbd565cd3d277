"""Vector search: the documents whose vector is nearest, by measuring every one of them, so exactly."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping

from firewarden.firestore.documents import StoredDocument
from firewarden.firestore.field_paths import get_field
from firewarden.firestore.query.model import Distance, FindNearest
from firewarden.firestore.query.statistics import Statistics
from firewarden.firestore.wire.values import encode_fields
from firewarden.values import Vector

Numbers = tuple[float, ...]


def nearest(
    search: FindNearest, documents: Iterator[StoredDocument], statistics: Statistics
) -> Iterator[StoredDocument]:
    """The nearest documents, nearest first, those of one distance in the order they come; NaN is last.

    Only vectors of as many dimensions are compared. With a threshold no document is farther than that: for
    DOT_PRODUCT, where more is nearer, none has less.
    """
    measured = []
    for document in documents:
        vector = get_field(document.fields, search.field)
        if type(vector) is Vector and len(vector.values) == len(search.vector.values):
            statistics.vectors += 1
            distance = _MEASURES[search.distance](vector.values, search.vector.values)
            if _is_near_enough(distance, search):
                measured.append((distance, document))
    sign = -1 if search.distance is Distance.DOT_PRODUCT else 1
    measured.sort(key=lambda each: (math.isnan(each[0]), 0.0 if math.isnan(each[0]) else sign * each[0]))
    return (_with_distance(document, search, distance) for distance, document in measured[: search.limit])


def _is_near_enough(distance: float, search: FindNearest) -> bool:
    if search.threshold is None:
        return True
    return distance >= search.threshold if search.distance is Distance.DOT_PRODUCT else distance <= search.threshold


def _with_distance(document: StoredDocument, search: FindNearest, distance: float) -> StoredDocument:
    """The distance as one more field; of two entries with one name the last one counts in a protocol buffer."""
    if search.result_field is None:
        return document
    data = document.data + encode_fields({search.result_field: distance})
    return StoredDocument(document.path, data, document.create_time, document.update_time)


def _euclidean(left: Numbers, right: Numbers) -> float:
    return math.sqrt(sum((a - b) ** 2 for a, b in zip(left, right, strict=True)))


def _dot_product(left: Numbers, right: Numbers) -> float:
    return sum(a * b for a, b in zip(left, right, strict=True))


def _cosine(left: Numbers, right: Numbers) -> float:
    lengths = math.sqrt(_dot_product(left, left)) * math.sqrt(_dot_product(right, right))
    return 1 - _dot_product(left, right) / lengths if lengths else math.nan


_MEASURES: Mapping[Distance, Callable[[Numbers, Numbers], float]] = {
    Distance.EUCLIDEAN: _euclidean,
    Distance.COSINE: _cosine,
    Distance.DOT_PRODUCT: _dot_product,
}
