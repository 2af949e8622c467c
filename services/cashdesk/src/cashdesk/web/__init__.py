"""Pages of the money: tills, cash floats, the journal."""
