"""A local Firestore: requests judged by rules, done in transactions, and answered as Firestore answers."""
