"""Feeds: public events as iCalendar and JSON, kept as rendered fragments so that a feed reads no event."""
