"""What can be asked of cashdesk: append a till's entries, seal sales without a till, read the journal."""
