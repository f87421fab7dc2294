from __future__ import annotations

from zoneinfo import ZoneInfo

from bedrock_analytics.reporting.lake_answers import Peaks, RejectedLine, RejectionsPage
from bedrock_analytics.storage.lake_peaks import Peak
from dashboard.names import Names
from dashboard.settings import DashboardSettings
from dashboard.widgets.error_tables import (
    code_rows,
    dimension_rows,
    dimension_total_row,
    failed_columns,
    peak_rows,
    sample_rows,
)
from tests.unit.dashboard.answers import calls, row, utc

VIENNA = ZoneInfo("Europe/Vienna")
NAMES = Names(DashboardSettings(account_names={"111": "Production"}))


def test_codes_tell_their_share_of_failures_and_of_calls() -> None:
    (found,) = code_rows([("ThrottlingException", 5)], calls(100, errors={"ThrottlingException": 5, "x": 15}))
    assert (found["of_failed_text"], found["of_calls_text"], found["kind"]) == (
        "25.0 %",
        "5.0 %",
        "throttling",
    )


def test_a_column_for_each_frequent_code_and_one_for_the_others() -> None:
    errors = {f"code {number}": 20 - number for number in range(9)}
    stats = calls(500, errors=errors)
    codes = list(errors.items())
    titles = [column["headerName"] for column in failed_columns("Model", codes)]
    assert titles[-1] == "Other codes"
    (found,) = dimension_rows([row("a", stats), row("fine", calls(1))], codes)
    assert (
        found["failed"] == sum(errors.values()) == sum(found[f"code{n}"] for n in range(7)) + found["others"]
    )
    assert dimension_total_row(stats, codes)["others_text"] == "25"


def test_a_peak_names_its_minute_on_the_viewers_clock() -> None:
    peak = Peak(
        key=("amazon.nova-pro-v1:0", "us"),
        calls=9,
        throttles=0,
        requests_a_minute=4,
        requests_at=utc("2026-11-24 23:30"),
        tokens_a_minute=1200,
        tokens_at=utc("2026-11-24 09:00"),
        input_tokens_a_minute=1000,
        output_tokens_a_minute=200,
        throttles_a_minute=0,
        throttles_at=None,
    )
    (found,) = peak_rows(Peaks(key_columns=("model_id", "route"), rows=(peak,)), NAMES, VIENNA)
    assert (found["name"], found["chip"]) == ("Nova Pro", "us")
    assert (found["requests_at"], found["throttles_at"]) == ("2026-11-25 00:30", "—")
    assert found["tokens_text"] == "1,200"


def test_a_rejected_line_says_where_it_is() -> None:
    line = RejectedLine(
        reason="not_json",
        account_id="111",
        region="eu-central-1",
        ts=utc("2026-11-24 12:00"),
        parsed_at=utc("2026-11-24 12:05"),
        source="s3://logs/<x>.json.gz",
        line=None,
    )
    (found,) = sample_rows(RejectionsPage(rows=(line,), next=None), NAMES, VIENNA)
    assert (found["reason"], found["time"], found["account"]) == (
        "not JSON",
        "2026-11-24 13:00:00",
        "Production",
    )
    assert (found["source"], found["line_text"]) == ("s3://logs/<x>.json.gz", "—")
