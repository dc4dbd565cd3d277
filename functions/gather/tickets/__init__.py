"""What is sold and who may enter: ticket types, orders, registrations and signed tickets. No money flows here."""
