"""The languages of payment terminals, pure: messages to bytes and back, and what an answer proves."""
