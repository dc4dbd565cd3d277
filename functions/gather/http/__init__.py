"""The HTTP application: one Flask app for every route, its authentication and its errors."""
