"""Payments: checkout, what Stripe says of it, and what follows for seats, registrations, tickets and papers."""
