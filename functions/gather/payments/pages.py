"""Pages that Stripe sends buyers back to: what became of their payment, for a browser that carries no ID token. Pure.

They show only what the address itself, which cannot be guessed, gives a right to.
"""

from html import escape
from urllib.parse import quote

from gather.payments.model import Payment, PaymentStatus

HEADLINES = {
    PaymentStatus.PENDING: ("Nothing has been paid yet", "Your seats are kept for you until the time below."),
    PaymentStatus.PROCESSING: ("Your payment is on its way", "Your seats are kept; we write to you when it arrives."),
    PaymentStatus.SUCCEEDED: ("You are going", "Your payment has arrived. Tickets and receipt are in your account."),
    PaymentStatus.FAILED: ("The payment failed", "Nothing was charged, and your seats are free again."),
    PaymentStatus.EXPIRED: ("Time ran out", "Nothing was charged, and your seats are free again."),
    PaymentStatus.REFUNDED: ("Your money was refunded", "It may take some days until it is on your account."),
    PaymentStatus.PARTIALLY_REFUNDED: ("Part of your money was refunded", "You are still going."),
}
WITHOUT_SEATS = (
    "The seats were gone",
    "Your payment came too late for your seats. All of it is being refunded.",
)
STYLE = (
    "body{font:1.125rem/1.5 system-ui,sans-serif;max-width:36rem;margin:4rem auto;padding:0 1rem;color:#1a1a1a;"
    "background:#fff}a{color:#0b57d0}dt{font-weight:600}dd{margin:0 0 .5rem}"
)


def page_of(payment: Payment, public_url: str) -> str:
    """Render a payment as a page that works without scripts, is read out well and zooms."""
    is_turned_away = payment.status is PaymentStatus.SUCCEEDED and not payment.admitted
    title, text = WITHOUT_SEATS if is_turned_away else HEADLINES[payment.status]
    links = [
        f'<a href="{escape(public_url, quote=True)}/events/{quote(payment.event_id, safe="")}">Back to the event</a>'
    ]
    if payment.status is PaymentStatus.PENDING and payment.session_url is not None:
        links.insert(0, f'<a href="{escape(payment.session_url, quote=True)}">Pay now</a>')
    rows = {
        "Event": payment.event_title,
        "Order": ", ".join(f"{item.quantity} x {item.name}" for item in payment.items),
    }
    if payment.status is PaymentStatus.PENDING:
        rows["Kept until"] = f"{payment.hold_expires_at:%Y-%m-%d %H:%M} UTC"
    if payment.receipt_number is not None:
        rows["Receipt"] = payment.receipt_number
    listed = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in rows.items() if value)
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{STYLE}</style></head><body><main><h1>{escape(title)}</h1><p>{escape(text)}</p>"
        f"<dl>{listed}</dl><p>{' · '.join(links)}</p></main></body></html>"
    )
