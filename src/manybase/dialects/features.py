"""What a database can and cannot do, each answer with its reason.

Plain data that a dialect fills in; every layer above asks here instead of asking for a name.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from manybase.errors import suggest


@dataclasses.dataclass(frozen=True, eq=False)
class Features:
    """Named abilities of one kind and version of database.

    Args:
        reasons: Why an ability is missing (or special), by its name.
    """

    reasons: Mapping[str, str] = dataclasses.field(default_factory=dict)

    # Writing
    returning_insert: bool = True
    returning_update: bool = True
    returning_delete: bool = True
    bulk_returning: bool = True
    ignore_conflicts: bool = True
    update_conflicts: bool = True
    conflict_target: bool = True
    autoincrement_zero: bool = True
    last_key: bool = False
    rewrites_indexes: bool = False
    writes_in_with: bool = False
    update_own_subquery: bool = True
    max_parameters: int = 65535

    # Transactions
    savepoints: bool = True
    two_phase: bool = True
    ddl_in_transaction: bool = True
    for_update: bool = True
    for_update_of: bool = True
    skip_locked: bool = True
    nowait: bool = True
    for_no_key_update: bool = True

    # Reading
    nulls_first: bool = True
    distinct_on: bool = True
    filter_aggregate: bool = True
    outer_aggregate: bool = True
    intersect_except: bool = True
    compound_parentheses: bool = True
    limit_in_subquery: bool = True
    array_parameters: bool = False
    row_in: bool = True
    window_functions: bool = True
    window_exclusion: bool = True
    array_aggregates: bool = False
    json_aggregates: bool = False
    boolean_aggregates: bool = False
    bit_aggregates: bool = False
    server_cursors: bool = True
    explain_formats: bool = True
    native_time_zones: bool = True
    exact_decimals: bool = True
    json_equals: bool = True
    json_places_from_end: bool = True
    json_contains_levels: bool = True

    # Tables
    deferrable_constraints: bool = True
    deferrable_unique: bool = True
    alter_constraints: bool = True
    partial_indexes: bool = True
    expression_indexes: bool = True
    covering_indexes: bool = True
    nulls_distinct: bool = True
    check_constraints: bool = True
    stored_columns: bool = True
    virtual_columns: bool = True
    hidden_columns: bool = False
    comments: bool = True
    index_if_not_exists: bool = True
    index_prefixes: bool = False
    operator_classes: bool = True
    indexes_foreign_keys: bool = False

    def why(self, name: str) -> str:
        """Say why an ability is missing, or how it differs; "" where nothing is to say.

        Raises:
            KeyError: No ability has this name.
        """
        if not hasattr(self, name):
            raise KeyError(f"no feature is called '{name}'. {suggest(name, ABILITIES) or ''}")
        return self.reasons.get(name, "")


ABILITIES = frozenset(f.name for f in dataclasses.fields(Features)) - {"reasons"}
