"""SQL functions under Django's names, with equal results on every database.

Pure: the classes write shapes and say which hook of the dialect spells them. Re-exported as
``manybase.models.functions``.
"""
