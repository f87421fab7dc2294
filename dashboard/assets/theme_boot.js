// Runs before the first paint, as a blocking file in the head: sets the theme that was chosen, else the system's.
(function () {
  "use strict";
  var root = document.documentElement;
  var chosen = null;
  try {
    chosen = window.localStorage.getItem("bedrock-analytics-theme");
  } catch (error) {
    chosen = null; // storage may be switched off; the system's choice serves then
  }
  var dark = chosen ? chosen === "dark" : window.matchMedia("(prefers-color-scheme: dark)").matches;
  root.setAttribute("data-bs-theme", dark ? "dark" : "light");
  root.setAttribute("data-ag-theme-mode", dark ? "dark" : "light");
})();
