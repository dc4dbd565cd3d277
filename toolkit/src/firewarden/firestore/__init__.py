"""What Firestore does, without storing or sending anything: names, values, writes, queries and plans. Pure."""
