"""The projections: written from events by `projections`, read by `statement` and `transactions`."""
