"""What people may ask of the lake: one SELECT over `usage_events` or `calls`, with functions of a list.

`usage_events` is the table as it is, where a call may stand more than once; `calls` has each call once.

The text is parsed as Athena's SQL, every part is compared with what is allowed, and what runs is written
anew from the parse, so that the engine never sees text that was not checked.
"""

from __future__ import annotations

import sqlglot
from sqlglot import Token, TokenType, exp
from sqlglot.optimizer.normalize_identifiers import normalize_identifiers
from sqlglot.optimizer.scope import Scope, traverse_scope

from bedrock_analytics.domain.errors import QueryRefused
from bedrock_analytics.storage.lake_sql import CALLS, TABLE, calls

MAX_QUERY_CHARACTERS = 50_000

_FUNCTIONS = """
    abs all_match any_match any_value approx_distinct approx_percentile arbitrary array array_agg
    array_distinct array_except array_intersect array_join array_max array_min array_position array_remove
    array_sort array_union at_timezone avg bit_and bit_or bitwise_and bitwise_and_agg bitwise_or
    bitwise_or_agg bitwise_xor bool_and bool_or cardinality case cast cbrt ceil ceiling chr coalesce concat
    concat_ws contains corr cos count count_if covar_pop covar_samp cume_dist current_date
    current_timestamp date date_add date_diff date_format date_parse date_trunc day day_of_month
    day_of_week day_of_year degrees dense_rank dow doy e element_at exists exp extract filter first
    first_value flatten floor format format_datetime from_iso8601_date from_iso8601_timestamp from_unixtime
    geometric_mean greatest grouping hamming_distance histogram hour if ifnull is_finite is_infinite is_nan
    json_array_contains json_array_get json_array_length json_extract json_extract_scalar json_format
    json_parse json_size kurtosis lag last_day_of_month last_value lead least length levenshtein_distance
    like listagg ln localtimestamp log log10 log2 logical_and logical_or lower lpad ltrim map map_agg
    map_concat map_entries map_filter map_from_entries map_keys map_values max max_by median millisecond
    min min_by minute mod month none_match now nth_value ntile nullif numeric_histogram parse_datetime
    percent_rank pi position pow power quarter radians rank reduce regexp_count regexp_extract
    regexp_extract_all regexp_like regexp_replace regexp_split replace reverse round row row_number rpad
    rtrim second sequence sign sin skewness slice split split_part sqrt starts_with std stddev stddev_pop
    stddev_samp strpos substr substring sum tan timestamp to_iso8601 to_milliseconds to_unixtime transform
    trim trunc truncate try try_cast typeof unnest upper url_extract_host var_pop var_samp variance week
    week_of_year width_bucket year year_of_week zip
"""
ALLOWED_FUNCTIONS = frozenset(_FUNCTIONS.split())
"""Functions of Athena that read nothing but their arguments."""

_PARSED_FUNCTIONS = """
    approx_quantile array_has array_length array_slice cast_to_str_type generate_series group_concat isodow
    levenshtein pad str_position str_to_time struct time_to_str time_to_unix timestamp_trunc unix_to_time
"""
_PARSED_NAMES = frozenset(_PARSED_FUNCTIONS.split())
"""What sqlglot calls some of them (`approx_percentile` becomes `approx_quantile`)."""

_NO_CHANGES = "statements that change data are not allowed"
_READABLE = f"only {TABLE} and {CALLS}"
_NO_TABLE_FUNCTIONS = f"table functions are not allowed; {_READABLE} can be read"
_FORBIDDEN_NODES: dict[type[exp.Expr], str] = {
    exp.DDL: _NO_CHANGES,
    exp.DML: _NO_CHANGES,
    exp.Command: "commands are not allowed",
    exp.Into: "SELECT INTO is not allowed",
    exp.Lock: "FOR UPDATE is not allowed",
    exp.Lateral: "LATERAL is not allowed; use CROSS JOIN UNNEST(…)",
    exp.MatchRecognize: "MATCH_RECOGNIZE is not allowed",
    exp.Parameter: "parameters are not allowed; write the values",
    exp.Pivot: "PIVOT is not allowed",
    exp.Placeholder: "parameters (?) are not allowed; write the values",
    exp.SessionParameter: "session variables are not allowed",
    exp.TableFromRows: _NO_TABLE_FUNCTIONS,
    exp.Version: "time travel is not allowed",
}


def check_select(
    sql: str,
    *,
    table: str = TABLE,
    calls_of: str | None = None,
    dialect: str = "athena",
    max_rows: int | None = None,
) -> str:
    """The query written anew in a dialect, or QueryRefused with the reason.

    `usage_events`, however qualified, becomes `table` (SQL text), and `calls` a subquery on it, or on
    `calls_of` where the table lacks columns that calls have; `max_rows` lowers the query's LIMIT.
    Unquoted names become lower case, as Athena reads them.
    """
    _check_text(sql)
    try:
        query = _parse(sql)
        for node in query.walk():
            _check_node(node)
        for source in _event_tables(query):
            if source.name.lower() == CALLS:
                _read_calls(source, calls_of or table)
            else:
                _rename(source, table)
        if max_rows is not None:
            _limit(query, max_rows)
        return query.sql(dialect=dialect, comments=False)
    except sqlglot.errors.SqlglotError as error:
        raise QueryRefused(f"the query cannot be read as Athena SQL: {_first_line(error)}") from error
    except RecursionError as error:
        raise QueryRefused("the query is nested too deeply") from error


def _check_text(sql: str) -> None:
    """Refuse by tokens what need not be parsed: empty texts, other statements, several statements."""
    if len(sql) > MAX_QUERY_CHARACTERS:
        raise QueryRefused(f"the query is longer than {MAX_QUERY_CHARACTERS:,} characters")
    try:
        tokens = sqlglot.tokenize(sql, read="athena")
    except sqlglot.errors.SqlglotError as error:
        raise QueryRefused(f"the query cannot be read: {_first_line(error)}") from error
    while tokens and tokens[-1].token_type is TokenType.SEMICOLON:
        tokens.pop()
    if not tokens:
        raise QueryRefused("the query is empty")
    if any(token.token_type is TokenType.SEMICOLON for token in tokens):
        raise QueryRefused("only one statement is allowed at a time")
    first = _first_word(tokens)
    if first not in ("SELECT", "WITH"):
        raise QueryRefused(f"only SELECT is allowed, not {first}")


def _first_word(tokens: list[Token]) -> str:
    """The statement's keyword; Athena's other grammar (SHOW, DESCRIBE, …) arrives as a token without text."""
    words = (token.text.upper() for token in tokens if token.token_type is not TokenType.L_PAREN)
    return next(words, "") or "another statement"


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or ["unknown syntax"])[0]


def _parse(sql: str) -> exp.Query:
    query = normalize_identifiers(sqlglot.parse_one(sql, read="athena"), dialect="athena")
    if isinstance(query, exp.Subquery):
        query = query.unnest()
    if not isinstance(query, (exp.Select, exp.SetOperation)):
        raise QueryRefused(f"only SELECT is allowed, not {type(query).__name__.upper()}")
    return query


def _check_node(node: exp.Expr) -> None:
    for forbidden, reason in _FORBIDDEN_NODES.items():
        if isinstance(node, forbidden):
            raise QueryRefused(reason)
    if isinstance(node, exp.With) and node.args.get("recursive"):
        raise QueryRefused("WITH RECURSIVE is not allowed")
    if isinstance(node, exp.CTE) and node.alias.lower() == TABLE:
        raise QueryRefused(f"a common table expression may not be called {TABLE}")
    if isinstance(node, exp.Func) and not isinstance(node, exp.Connector):
        _check_function(node)


def _check_function(node: exp.Func) -> None:
    names = [str(node.this)] if isinstance(node, exp.Anonymous) else node.sql_names()
    if not any(name.lower() in ALLOWED_FUNCTIONS | _PARSED_NAMES for name in names):
        raise QueryRefused(f"the function {names[0].lower()} is not allowed")


def _event_tables(query: exp.Query) -> list[exp.Table]:
    """The places where the query reads `usage_events` or `calls`; anything else that is read is refused.

    Names of common table expressions are resolved by scope: one that is defined inside a subquery says
    nothing about the same name outside.
    """
    found: list[exp.Table] = []
    seen: set[int] = set()
    for scope in traverse_scope(query):
        for node in scope.tables:
            seen.add(id(node))
            if not _is_common_table(node, scope):
                _check_is_events(node)
                found.append(node)
    if any(id(node) not in seen for node in query.find_all(exp.Table)):
        raise QueryRefused(f"{_READABLE} can be read")
    return found


def _is_common_table(node: exp.Table, scope: Scope) -> bool:
    plain = isinstance(node.this, exp.Identifier) and not node.args.get("db")
    return plain and node.name in scope.cte_sources


def _check_is_events(node: exp.Table) -> None:
    if not isinstance(node.this, exp.Identifier):
        raise QueryRefused(_NO_TABLE_FUNCTIONS)
    qualified = node.args.get("db") is not None
    if node.name.lower() != TABLE and (qualified or node.name.lower() != CALLS):
        raise QueryRefused(f"the table {node.name!r} cannot be read; {_READABLE} can")


def _rename(source: exp.Table, table: str) -> None:
    """Point a table reference to `table`; its alias, or the plain name, keeps column references valid."""
    target = exp.to_table(table, dialect="athena")
    if source.args.get("alias") is None:
        source.set("alias", exp.TableAlias(this=exp.to_identifier(TABLE)))
    for part in ("this", "db", "catalog"):
        source.set(part, target.args.get(part))


def _read_calls(source: exp.Table, table: str) -> None:
    """Put the subquery of calls where they are read, under the same alias."""
    alias = source.args.get("alias") or exp.TableAlias(this=exp.to_identifier(CALLS))
    inner = sqlglot.parse_one(calls(table), read="athena")
    source.replace(
        exp.Subquery(
            this=inner, alias=alias, joins=source.args.get("joins"), sample=source.args.get("sample")
        )
    )


def _limit(query: exp.Query, max_rows: int) -> None:
    """Lower the LIMIT of the whole query; FETCH FIRST counts as one."""
    present = query.args.get("limit")
    if present is not None:
        count = present.args.get("count") if isinstance(present, exp.Fetch) else present.expression
        if not (isinstance(count, exp.Literal) and count.is_int):
            raise QueryRefused("LIMIT needs a number")
        if int(count.this) <= max_rows:
            return
    query.set("limit", exp.Limit(expression=exp.Literal.number(max_rows)))
