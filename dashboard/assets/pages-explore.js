// The page of people's own queries: examples fill the editor, Ctrl+Enter runs it.
(function () {
  "use strict";
  var dash = (window.dash_clientside = window.dash_clientside || {});

  dash.explore = {
    // run, cancel, more, csv and the look's timer: what is disabled in view of the query begun last
    buttons: function (held) {
      var running = Boolean(held && held.running);
      return [running, !running, running || !(held && held.next), running || !(held && held.done), !running];
    },
  };

  document.addEventListener("click", function (event) {
    var example = event.target.closest && event.target.closest("[data-explore-sql]");
    if (example) { dash.set_props("explore-sql", { value: example.getAttribute("data-explore-sql") }); }
  });

  document.addEventListener("keydown", function (event) {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) { return; }
    if (!event.target.id || event.target.id !== "explore-sql") { return; }
    event.preventDefault();
    dash.set_props("explore-sql", { value: event.target.value });
    document.getElementById("explore-run").click();
  });
})();
