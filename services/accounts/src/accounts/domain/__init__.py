"""The things that accounts keeps and their rules, one file per noun: errors, profiles, users, tills."""
