"""Work of several steps, written once for both faces: coroutines that wait only for an Executor.

Called by ``models`` and by the tools above it. Nothing here imports an event loop, a thread or a
driver; the synchronous face steps these coroutines with ``run_sync``.
"""
