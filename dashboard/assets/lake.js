// While the event lake works for a panel, the panel looks again, less and less often, until it is given up.
(function () {
  "use strict";
  var dash = (window.dash_clientside = window.dash_clientside || {});
  var bedrock = (dash.bedrock = dash.bedrock || {});
  var planned = {}; // by panel, the last state of its queries that a look was planned for

  function lookAgain(panel, told) {
    var isThere = document.querySelector("[data-panel='" + window.CSS.escape(panel) + "']");
    if (!isThere) { return; } // its page has been left
    dash.set_props({ type: "lake-poll", panel: panel }, { data: told });
  }

  bedrock.pollLake = function (asked) {
    dash.callback_context.inputs_list[0].forEach(function (input, index) {
      var state = asked[index];
      var panel = input.id.panel;
      if (!state || !state.running) { return; }
      var seen = [state.attempt, state.polls, Object.values(state.tickets).join()].join("/");
      if (planned[panel] === seen) { return; }
      planned[panel] = seen;
      window.setTimeout(function () {
        if (planned[panel] === seen) { lookAgain(panel, { at: Date.now() }); }
      }, Math.min(700 + 250 * state.polls, 4000));
    });
  };

  document.addEventListener("click", function (event) {
    var button = event.target.closest && event.target.closest("[data-cancel]");
    if (!button) { return; }
    var panel = button.closest("[data-panel]").dataset.panel;
    planned[panel] = null;
    lookAgain(panel, { cancel: Date.now() });
  });
})();
