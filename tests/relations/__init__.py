"""Relations as attributes: related objects, managers, links, generic keys, prefetching."""
