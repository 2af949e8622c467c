"""Every speed that we claim, measured in one run beside its floor: printed and kept; nothing is asserted."""
