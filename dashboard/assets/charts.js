// Plotly takes a third of a second to start, in which nothing else happens: it starts when the first numbers
// are painted. dcc.Graph waits for `window.Plotly` where that is a promise; the library then takes its place.
(function () {
  "use strict";
  var dash = (window.dash_clientside = window.dash_clientside || {});
  var bedrock = (dash.bedrock = dash.bedrock || {});
  var isAsked = false;
  var load;

  window.Plotly = new Promise(function (resolve, reject) {
    load = function () {
      var script = document.createElement("script");
      script.src = window._dashPlotlyJSURL;
      script.async = true;
      script.onload = function () { resolve(); };
      script.onerror = function () { reject(new Error("Plotly could not be loaded")); };
      document.head.appendChild(script);
    };
  });

  // Called when a page is there, which the next frame paints.
  bedrock.startCharts = function () {
    if (isAsked) { return; }
    isAsked = true;
    window.requestAnimationFrame(function () { window.setTimeout(load, 0); });
  };
})();
