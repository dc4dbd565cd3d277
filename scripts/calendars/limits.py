"""Every bound the import keeps, in one place. Bounds of the stored event are those that `firestore.rules` checks."""

FILE_BYTES_MAX = 50_000_000
EVENTS_MAX = 50_000
LINE_CHARS_MAX = 200_000
NESTING_MAX = 8
# EXDATE and RDATE of one event that are looked at: a daily series of more than five years.
DATES_MAX = 2_000
ZONE_OBSERVANCES_MAX = 200

TITLE_CHARS_MAX = 200
TITLE_LOWER_CHARS_MAX = 400
DESCRIPTION_CHARS_MAX = 20_000
LOCATION_CHARS_MAX = 500
TAGS_MAX = 10
TAG_CHARS_MAX = 40
OVERRIDES_MAX = 366
EXDATES_MAX = 366

# Firestore refuses documents above 1 MiB; the rest is left for what functions add.
DOCUMENT_BYTES_MAX = 900_000
