"""Who attends: RSVPs, the seat ledger, the waitlist and their history."""
