// The page of the pipeline's health: it looks again once a minute, not in a hidden tab.
(function () {
  "use strict";
  var dash = (window.dash_clientside = window.dash_clientside || {});

  dash.pipeline = {
    beat: function (ticks) { return document.hidden ? dash.no_update : String(ticks || 0); },
  };
})();
