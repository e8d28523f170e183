"""What a model is, as plain data: fields, relations, options, the registry.

Nothing here executes, opens or renders anything. Every layer above reads these objects.
"""
