"""Papers of a sale: receipts, invoices and credit notes as documents and PDF, and the mail that confirms it."""
