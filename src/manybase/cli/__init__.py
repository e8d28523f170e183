"""The command line: ``manybase`` and its commands, one module each.

The only package that draws on a terminal. Nothing below imports it; ``main`` is the way in.
"""
