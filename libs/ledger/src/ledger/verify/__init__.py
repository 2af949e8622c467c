"""`ledger-verify`: what holds in a journal's file and what does not, entry by entry, without anything of the suite."""
