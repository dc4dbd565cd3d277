"""What Cloud Firestore charges for: how requests are counted, what that costs, and how a bill is written down.

Knows no server: counts and prices come in as arguments. The laws are those of the Standard edition as
https://firebase.google.com/docs/firestore/pricing states them; where it is silent the law says so.
"""
