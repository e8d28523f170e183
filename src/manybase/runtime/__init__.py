"""The only code that touches a connection, a loop, a thread or a clock.

``executor`` says what the core may wait for; ``sync`` and ``aio`` are its two faces; ``session``
holds the open blocks of one thread or task. It knows no model and builds no SQL of queries: a plan
is, here, a text and a function that orders parameters. ``ops`` and ``db`` call it.
"""
