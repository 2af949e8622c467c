"""Payment terminals (C4, peripherals 4): what is asked of them, and what may be believed of their answers."""
