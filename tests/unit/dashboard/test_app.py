"""The app as the browser meets it: headers, index page, callbacks and health, without a browser."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from botocore.exceptions import ClientError
from flask.testing import FlaskClient

from bedrock_analytics.domain.dimensions import CALLER, MODEL, TOTAL
from bedrock_analytics.domain.errors import TableUnavailable
from bedrock_analytics.storage.usage_table import Checkpoint
from dashboard.app import create_app
from dashboard.page_state import parse_query
from dashboard.pages.overview_panels import MOST_OFFERED, choice_options
from dashboard.queries import Queries
from dashboard.services import Services
from dashboard.settings import DashboardSettings
from dashboard.view_models import Choice
from tests.fakes.asked_app import grid_of
from tests.unit.dashboard.answers import Rows, WrittenAnswers, calls, utc

NOW = utc("2026-11-24 14:12")


def unavailable() -> None:
    raise TableUnavailable("switched off by the test")


def written() -> WrittenAnswers:
    rows: dict[str, Rows] = {
        MODEL: {("anthropic.claude-sonnet-4-6", "us"): calls(3, "2")},
        CALLER: {("111", "user/<b>"): calls(3, "2")},
        TOTAL: {(): calls(3, "2")},
    }
    starts = (NOW - timedelta(hours=1), NOW)
    trends: dict[str, tuple[tuple[datetime, ...], tuple[Rows, ...]]] = {
        name: (starts, (of, {})) for name, of in rows.items()
    }
    state = Checkpoint(revision=4, first_day=NOW.date(), data_up_to=NOW, checked_at=NOW)
    return WrittenAnswers(rows=rows, trends=trends, state=state)


class Tab:
    """What a browser would send to an app, and get."""

    def __init__(self, answers: WrittenAnswers, settings: DashboardSettings | None = None) -> None:
        self.settings = settings or DashboardSettings(zone=ZoneInfo("UTC"))
        queries = Queries(answers, self.settings, now=lambda: NOW)
        self.app = create_app(Services(settings=self.settings, queries=queries))
        self.client: FlaskClient = self.app.server.test_client()

    def callback(self, output: str, **values: Any) -> Any:
        """The response of the one callback that has the output; values by component and property."""
        key = next(name for name in self.app.callback_map if output in name)
        entry = self.app.callback_map[key]
        sent = {
            "output": key,
            "outputs": _outputs(key),
            "changedPropIds": [],
            "inputs": [
                dict(each, value=values.get(f"{each['id']}_{each['property']}")) for each in entry["inputs"]
            ],
            "state": [
                dict(each, value=values.get(f"{each['id']}_{each['property']}")) for each in entry["state"]
            ],
        }
        return self.client.post("/_dash-update-component", json=sent)


def _outputs(key: str) -> Any:
    names = key.strip(".").split("...") if key.startswith("..") else [key]
    found = [dict(zip(("id", "property"), name.rsplit(".", 1), strict=True)) for name in names]
    for each in found:
        each["id"] = json.loads(each["id"]) if each["id"].startswith("{") else each["id"]
    return found if key.startswith("..") else found[0]


@pytest.fixture
def tab() -> Tab:
    return Tab(written())


ASKED = {**parse_query(""), "filters": {}}


def asked_question(tab: Tab) -> dict[str, Any]:
    document = tab.callback("question.data", asked_data=ASKED).get_json()["response"]
    question: dict[str, Any] = document["question"]["data"]
    return question


def test_the_index_sets_the_theme_before_the_first_paint_and_names_its_language(tab: Tab) -> None:
    page = tab.client.get("/").get_data(as_text=True)
    assert '<html lang="en">' in page
    head = page.partition("</head>")[0]
    assert re.search(r'<script src="/assets/theme_boot\.js[^"]*"></script>', head)
    assert head.index("theme_boot") < head.index("stylesheet")
    assert 'class="skeleton"' in page


def test_the_page_names_no_other_host(tab: Tab) -> None:
    page = tab.client.get("/").get_data(as_text=True)
    assert re.findall(r'(?:src|href)="(?:https?:)?//', page) == []


def test_the_content_policy_lets_only_own_scripts_run(tab: Tab) -> None:
    policy = tab.client.get("/").headers["Content-Security-Policy"]
    parts = dict(part.split(" ", 1) for part in policy.split("; "))
    assert re.fullmatch(r"'self'( 'sha256-[A-Za-z0-9+/=]+')+", parts["script-src"])
    assert parts["style-src"] == "'self' 'unsafe-inline'"
    assert parts["img-src"] == "'self' data: blob:"
    assert parts["frame-ancestors"] == "'none'"
    assert "unsafe-eval" not in policy


def test_every_inline_script_of_the_index_is_in_the_policy(tab: Tab) -> None:
    answer = tab.client.get("/")
    inline = re.findall(
        r"<script(?![^>]*src=)(?![^>]*application/json)[^>]*>(.*?)</script>",
        answer.get_data(as_text=True),
        re.S,
    )
    assert len(inline) == answer.headers["Content-Security-Policy"].count("'sha256-")


def test_static_files_are_compressed_and_kept_by_the_browser(tab: Tab) -> None:
    page = tab.client.get("/").get_data(as_text=True)
    address = re.findall(r'"(/assets/dashboard\.css\?m=[^"]+)"', page)[0]
    for _ in range(2):
        answer = tab.client.get(address, headers={"Accept-Encoding": "gzip"})
        assert answer.headers["Content-Encoding"] == "gzip"
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    plain = tab.client.get(address)
    assert b"--surface" in plain.data
    assert tab.client.get("/vendor/bootstrap.min.css").status_code == 200
    assert tab.client.get("/").headers["Cache-Control"] == "no-store"


def test_health_tells_the_revision_or_that_the_tables_do_not_answer() -> None:
    answers = written()
    tab = Tab(answers)
    assert tab.client.get("/healthz").get_json() == {
        "status": "ok",
        "revision": 4,
        "data_up_to": "2026-11-24T14:12:00+00:00",
    }
    answers.failure = unavailable
    answer = tab.client.get("/healthz")
    assert (answer.status_code, answer.get_json()["status"]) == (503, "unavailable")


def test_a_base_path_is_in_front_of_every_address() -> None:
    tab = Tab(written(), DashboardSettings(base_path="/usage/"))
    page = tab.client.get("/usage/").get_data(as_text=True)
    assert 'src="/usage/assets/theme_boot.js' in page
    assert tab.client.get("/usage/healthz").status_code == 200
    assert tab.client.get("/usage/vendor/bootstrap.min.css").status_code == 200


def test_two_apps_in_one_process_both_answer() -> None:
    first, second = Tab(written()), Tab(WrittenAnswers())
    assert asked_question(first)["revision"] == 4
    assert asked_question(second)["revision"] == 0


def test_the_page_has_the_controls_of_its_address(tab: Tab) -> None:
    client = {"search": "?range=today&zone=Asia/Kolkata", "theme": "dark", "zone": "Europe/Vienna"}
    layout = json.dumps(tab.callback("page.children", client_data=client).get_json())
    assert '"value": "today"' in layout
    assert "UTC (default)" in layout
    assert '"Europe/Vienna"' in layout
    assert '"Asia/Kolkata"' in layout


def test_a_tick_with_nothing_new_has_an_empty_answer(tab: Tab) -> None:
    first = tab.callback("question.data", asked_data=ASKED).get_json()["response"]
    again = tab.callback(
        "question.data",
        asked_data=ASKED,
        question_data=first["question"]["data"],
        pulse_data=first["pulse"]["data"],
    )
    assert (again.status_code, again.data) == (204, b"")


def test_a_tick_that_fails_says_why_once_and_a_later_one_takes_it_back() -> None:
    answers = written()
    tab = Tab(answers)
    first = tab.callback("question.data", asked_data=ASKED).get_json()["response"]
    have = {"question_data": first["question"]["data"], "pulse_data": first["pulse"]["data"]}
    answers.failure = unavailable
    told = tab.callback("question.data", asked_data=ASKED, **have).get_json()["response"]
    assert told["trouble"]["data"] == {
        "text": "The usage tables do not answer for the moment.",
        "expired": False,
    }
    silent = tab.callback("question.data", asked_data=ASKED, trouble_data=told["trouble"]["data"], **have)
    assert silent.status_code == 204
    answers.failure = lambda: None
    well = tab.callback("question.data", asked_data=ASKED, trouble_data=told["trouble"]["data"], **have)
    answer = well.get_json()["response"]
    assert answer["trouble"] == {"data": None}
    assert answer["question"]["data"] == have["question_data"] | {"attempt": 1}


def test_expired_credentials_are_told_with_the_command_that_renews_them() -> None:
    def expired() -> None:
        code: Any = {"Error": {"Code": "ExpiredTokenException", "Message": "expired"}}
        raise TableUnavailable("no") from ClientError(code, "GetItem")

    answers = written()
    answers.failure = expired
    told = Tab(answers).callback("question.data", asked_data=ASKED).get_json()["response"]["trouble"]["data"]
    assert told["expired"] is True
    assert "aws sso login" in told["text"]


@pytest.mark.parametrize("theme", ["light", "dark", None])
def test_a_panel_answers_with_the_template_of_the_theme(tab: Tab, theme: str | None) -> None:
    question = asked_question(tab)
    response = tab.callback(
        "model-legend.children",
        question_data=question,
        theme_data=theme,
        **{"model-measure_value": "cost", "model-look_value": "chart"},
    ).get_json()["response"]
    figure = next(props["figure"] for props in response.values() if "figure" in props)
    ink = figure["layout"]["template"]["layout"]["font"]["color"]
    assert ink == ("#e6ebf2" if theme == "dark" else "#161b22")
    assert response["model-chart"]["hidden"] is False
    assert response["model-table"]["hidden"] is True


def test_a_table_is_sent_without_a_figure(tab: Tab) -> None:
    response = tab.callback(
        "caller-legend.children",
        question_data=asked_question(tab),
        **{"caller-measure_value": "cost", "caller-look_value": "table"},
    ).get_json()["response"]
    assert [row["name"] for row in grid_of(response, "caller")["rowData"]] == ["user/<b>"]
    assert not any("figure" in props for props in response.values())


def test_a_panel_that_fails_says_so_and_leaves_its_numbers() -> None:
    answers = written()
    tab = Tab(answers)
    question = asked_question(tab)
    answers.breakdown_failure = unavailable
    response = tab.callback(
        "model-legend.children",
        question_data=question,
        **{"model-measure_value": "cost", "model-look_value": "chart"},
    ).get_json()["response"]
    assert list(response) == ["model-message"]
    assert "could not be refreshed" in json.dumps(response)


def test_nothing_is_answered_before_there_is_a_question(tab: Tab) -> None:
    answer = tab.callback(
        "model-legend.children", **{"model-measure_value": "cost", "model-look_value": "pie"}
    )
    assert answer.status_code == 204


def test_the_first_screen_answers_every_card(tab: Tab) -> None:
    response = tab.callback("lead-value.children", question_data=asked_question(tab)).get_json()["response"]
    assert response["lead-value"]["children"] == "$2.00"
    assert response["card-invocations-value"]["children"] == "3"
    assert "Nothing needs attention" in json.dumps(response["attention"])
    assert "no earlier period" in json.dumps(response["movers"])


LAID_OUT = '{"panel":"overview","type":"laid-out"}'


def opened(tab: Tab) -> str:
    client = {"path": "", "search": "", "theme": "light"}
    return json.dumps(tab.callback("page.children", client_data=client).get_json())


def test_the_page_comes_with_the_numbers_of_its_first_screen_and_asks_for_them_no_more(tab: Tab) -> None:
    page, question = opened(tab), asked_question(tab)
    assert '"children": "$2.00", "id": "lead-value"' in page
    assert json.dumps({"id": json.loads(LAID_OUT), "data": question}, sort_keys=True) in json.dumps(
        json.loads(page), sort_keys=True
    )
    again = tab.callback("lead-value.children", question_data=question, **{f"{LAID_OUT}_data": question})
    assert again.status_code == 204


def test_another_question_than_the_one_laid_out_is_answered(tab: Tab) -> None:
    question = asked_question(tab)
    before = {f"{LAID_OUT}_data": {**question, "revision": 3}}
    answer = tab.callback("lead-value.children", question_data=question, **before)
    assert answer.get_json()["response"]["lead-value"]["children"] == "$2.00"


def test_a_page_whose_numbers_cannot_be_read_comes_without_them_and_says_why_when_it_asks() -> None:
    answers = written()
    tab = Tab(answers)
    question = asked_question(tab)
    answers.breakdown_failure = unavailable
    assert "$2.00" not in opened(tab)
    response = tab.callback("lead-value.children", question_data=question).get_json()["response"]
    assert "could not be refreshed" in json.dumps(response["overview-message"])


def test_a_deployment_without_usage_shows_what_to_do_next() -> None:
    tab = Tab(WrittenAnswers(), DashboardSettings(next_step="Point it at your logs."))
    page = tab.callback("page.children", client_data={"path": "", "search": ""}).get_json()
    assert "Point it at your logs." in json.dumps(page)
    pulse = tab.callback("question.data", asked_data=ASKED).get_json()["response"]["pulse"]["data"]
    assert pulse["ever_used"] is False


def trend_of(tab: Tab, look: str) -> dict[str, Any]:
    controls = {
        "trend-measure_value": "cost",
        "trend-by_value": "model",
        "trend-bucket_value": "hour",
        "trend-model_value": "*",
        "trend-caller_value": "gone",
        "trend-look_value": look,
    }
    answer = tab.callback("trend-legend.children", question_data=asked_question(tab), **controls)
    response: dict[str, Any] = answer.get_json()["response"]
    return response


def test_the_trend_offers_the_models_in_use_and_keeps_the_caller_chosen(tab: Tab) -> None:
    response = trend_of(tab, "chart")
    assert [each["label"] for each in response["trend-model"]["options"]] == [
        "All models",
        "Claude Sonnet 4.6",
    ]
    assert [each["value"] for each in response["trend-caller"]["options"]] == ["*", "user/<b>", "gone"]
    assert "Claude Sonnet 4.6" in json.dumps(response["trend-legend"])


def test_a_list_of_many_callers_offers_the_dearest_and_the_one_chosen() -> None:
    many = [Choice(value=f"user/{n}", name=f"user/{n}") for n in range(MOST_OFFERED + 7)]
    options = choice_options("All callers", many, "user/55")
    assert [each["value"] for each in options[:2]] == ["*", "user/0"]
    assert options[MOST_OFFERED + 1]["value"] == "user/55"
    assert options[-1] == {"value": "", "label": "7 more: filter above", "disabled": True}
    assert len(options) == MOST_OFFERED + 3


def test_the_table_of_the_trend_has_a_column_for_each_series(tab: Tab) -> None:
    response = trend_of(tab, "table")
    titles = [column["headerName"] for column in grid_of(response, "trend")["columnDefs"]]
    assert titles == ["Time", "Total", "Claude Sonnet 4.6"]
    assert grid_of(response, "trend")["dashGridOptions"]["pinnedBottomRowData"][0]["total_text"] == "$2.0000"


def test_a_ring_has_its_legend_beside_it(tab: Tab) -> None:
    response = tab.callback(
        "model-legend.children",
        question_data=asked_question(tab),
        **{"model-measure_value": "invocations", "model-look_value": "pie"},
    ).get_json()["response"]
    assert response["model-chart"]["className"] == "panel-chart legend-beside"
    assert "100 %" in json.dumps(response["model-legend"])


@pytest.mark.parametrize("look", ["chart", "table"])
def test_cost_by_kind_is_a_chart_or_a_table(tab: Tab, look: str) -> None:
    answer = tab.callback(
        "kind-legend.children", question_data=asked_question(tab), **{"kind-look_value": look}
    )
    assert answer.get_json()["response"]["kind-table"]["hidden"] is (look == "chart")


def test_an_unexpected_error_is_told_and_leaves_the_page(caplog: pytest.LogCaptureFixture) -> None:
    answers = written()
    tab = Tab(answers)
    question = asked_question(tab)

    def fail() -> None:
        raise RuntimeError("unheard of")

    answers.breakdown_failure = fail
    answer = tab.callback("kind-legend.children", question_data=question, **{"kind-look_value": "chart"})
    assert "met an error" in answer.get_data(as_text=True)
    assert "unheard of" not in answer.get_data(as_text=True)
    assert "a callback failed" in caplog.text
