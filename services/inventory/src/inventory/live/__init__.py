"""The live gateway: thousands of open browsers see each seat change. A client like any other: no store, no domain.

    NATS ──► stream ──► gateway ──► lines ──► browsers       changes, gathered for a tenth of a second
    core, Redis ──► snapshots ──► gateway ──► http           where all seats stand, once for each plan that is open

One asyncio process; any number of them, each hearing every change. docs/adr/0010 says how a snapshot stays true.
"""
