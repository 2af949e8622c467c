"""From a queued job to paper: documents, drivers of the printers' languages, one worker per printer."""
