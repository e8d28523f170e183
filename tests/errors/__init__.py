"""Each error tells what happened and what to write instead."""
