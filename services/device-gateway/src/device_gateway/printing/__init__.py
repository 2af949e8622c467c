"""From a queued job to paper: transport (bytes), driver (ESC/POS), documents, one worker per device."""
