// The page of single calls: pages are turned by the places they begin behind; a time opens its call.
(function () {
  "use strict";
  var dash = (window.dash_clientside = window.dash_clientside || {});
  var cells = (window.dashAgGridComponentFunctions = window.dashAgGridComponentFunctions || {});
  var asked = null; // range, zone and filters that the pages so far are of

  cells.CallTime = function (props) {
    var element = window.React.createElement;
    var row = props.data || {};
    if (!row.call) { return null; }
    return element("button", {
      type: "button", className: "filter-link call-time", tabIndex: -1,
      "data-call": row.call, title: "Everything about this call",
    }, row.time_text);
  };

  function subject(question) {
    return question && JSON.stringify([question.preset, question.zone, question.filters,
      question.preset === "custom" ? [question.start, question.end] : null]);
  }

  function pagesOf(text) {
    try { return JSON.parse(text || "[]"); } catch (_) { return []; }
  }

  dash.requests = {
    turn: function (_previous, _next, _order, _which, _search, question, after, following) {
      var triggered = dash.callback_context.triggered.map(function (each) { return each.prop_id; });
      var pages = pagesOf(after);
      function by(id) { return triggered.some(function (name) { return name.indexOf(id + ".") === 0; }); }
      if (by("requests-next")) {
        return following ? JSON.stringify(pages.concat([following])) : dash.no_update;
      }
      if (by("requests-previous")) { return pages.length > 1 ? JSON.stringify(pages.slice(0, -1)) : ""; }
      if (by("question")) {
        var before = asked;
        asked = subject(question);
        if (before === null || before === asked) { return dash.no_update; }
      }
      return after ? "" : dash.no_update;
    },
    opened: function (call) { return Boolean(call); },
    closed: function (isOpen) { return isOpen ? dash.no_update : ""; },
  };

  document.addEventListener("click", function (event) {
    var target = event.target.closest && event.target.closest("[data-call]");
    if (target) { dash.set_props("requests-call", { value: target.getAttribute("data-call") }); }
    var copied = event.target.closest && event.target.closest("[data-copy]");
    if (copied) {
      dash.bedrock.copyText(copied.getAttribute("data-copy")).then(function () {
        copied.textContent = "Copied";
        window.setTimeout(function () { copied.textContent = "Copy"; }, 1500);
      }, function () { copied.textContent = "Not copied"; });
    }
  });

  document.addEventListener("keydown", function (event) {
    if (event.key !== "Enter" || !event.target.matches || !event.target.matches(".ag-cell")) { return; }
    var button = event.target.querySelector("[data-call]");
    if (button) { button.click(); }
  });
})();
