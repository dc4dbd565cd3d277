"""What people are told: notifications, their unread counter, and the outbox for mail."""
