"""The bounds of an event's fields, as the rules enforce them on clients and readers apply them to stored data."""

TITLE_MAX = 200
DESCRIPTION_MAX = 20_000
LOCATION_MAX = 500
URL_MAX = 2_000
REASON_MAX = 2_000
UID_MAX = 128
"""Firebase Authentication's own bound."""
INVITED_USERS_MAX = 500
TAGS_MAX = 10
TAG_MAX = 40
OVERRIDES_MAX = 366
CURRENCY_LENGTH = 3
DIGEST_MAX = 64
"""A SHA-256 in hexadecimal."""
