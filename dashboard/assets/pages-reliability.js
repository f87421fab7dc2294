// A button that asks the event lake: it turns the control on, which the address keeps.
(function () {
  "use strict";
  var dash = (window.dash_clientside = window.dash_clientside || {});
  dash.reliability = {
    ask: function (clicks) { return clicks ? "on" : dash.no_update; },
  };
})();
