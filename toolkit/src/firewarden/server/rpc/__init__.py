"""The methods of `google.firestore.v1.Firestore`: messages in, messages out, the work done by the engine."""
