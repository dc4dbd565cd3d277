"""Calendars people already have, as events of this backend: reading, converting, reporting, storing."""
