"""Simulated ESC/POS printers on TCP, out of process, with their papers on a panel (peripherals 1.6)."""
