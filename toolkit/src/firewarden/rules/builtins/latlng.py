"""The package `latlng` and its values' methods."""

from __future__ import annotations

import math

from firewarden.rules.builtins.registry import Library
from firewarden.rules.javanumbers import float_text
from firewarden.rules.outcomes import Refusal
from firewarden.values import LatLng

FUNCTIONS = Library()
METHODS = Library()

_EARTH_RADIUS_METERS = 6_371_009.0


@FUNCTIONS.overload("latlng.value(float, float)")
def _value(latitude: float, longitude: float) -> LatLng:
    if -90 <= latitude <= 90 and -180 <= longitude <= 180:
        return LatLng(float(latitude), float(longitude))
    raise Refusal(
        "Latitude should be in [-90,90] range and longitude should be in [-180,180] range. "
        f"latitude: {float_text(float(latitude))}, longitude: {float_text(float(longitude))}."
    )


@METHODS.overload("latlng.latitude()")
def _latitude(point: LatLng) -> float:
    return point.latitude


@METHODS.overload("latlng.longitude()")
def _longitude(point: LatLng) -> float:
    return point.longitude


@METHODS.overload("latlng.distance(latlng)")
def _distance(one: LatLng, other: LatLng) -> float:
    """Meters along the surface of a sphere."""
    latitude, other_latitude = math.radians(one.latitude), math.radians(other.latitude)
    by_latitude = math.sin(0.5 * (other_latitude - latitude))
    by_longitude = math.sin(0.5 * (math.radians(other.longitude) - math.radians(one.longitude)))
    chord = by_latitude**2 + by_longitude**2 * math.cos(latitude) * math.cos(other_latitude)
    return 2 * math.asin(math.sqrt(min(1.0, chord))) * _EARTH_RADIUS_METERS
