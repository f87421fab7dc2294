// The page of the pipeline's health: it looks again once a minute, not in a hidden or signed-out tab.
(function () {
  "use strict";
  var dash = (window.dash_clientside = window.dash_clientside || {});

  dash.pipeline = {
    beat: function (ticks) {
      var rests = document.hidden || document.documentElement.hasAttribute("data-signed-out");
      return rests ? dash.no_update : String(ticks || 0);
    },
  };
})();
