// Plotly takes a third of a second to start, in which a page cannot paint: numbers are painted first.
// dcc.Graph waits for `window.Plotly` where that is a promise; the library takes its place when it has come.
(function () {
  "use strict";
  var dash = (window.dash_clientside = window.dash_clientside || {});
  var bedrock = (dash.bedrock = dash.bedrock || {});
  var isAsked = false;
  var start;

  window.Plotly = new Promise(function (resolve, reject) {
    start = function () {
      var script = document.createElement("script");
      script.src = window._dashPlotlyJSURL;
      script.async = true;
      script.onload = function () { resolve(); };
      script.onerror = function () { reject(new Error("Plotly could not be loaded")); };
      document.head.appendChild(script);
    };
  });

  // A frame later the page that has been mounted is laid out, and after one more it is painted.
  bedrock.startCharts = function () {
    if (isAsked) { return; }
    isAsked = true;
    window.requestAnimationFrame(function () { window.requestAnimationFrame(function () { start(); }); });
  };
})();
