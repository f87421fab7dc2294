// A panel's grid is made when its table is first shown; after that only what differs is given to it.
(function () {
  "use strict";
  var dash = (window.dash_clientside = window.dash_clientside || {});
  var bedrock = (dash.bedrock = dash.bedrock || {});
  var CHANGING = ["columnDefs", "rowData", "dashGridOptions"];
  var given = {}; // by grid, the text of each of its changing properties

  function texts(props) {
    var found = {};
    CHANGING.forEach(function (name) { found[name] = JSON.stringify(props[name]); });
    return found;
  }

  bedrock.showGrid = function (sent) {
    if (!sent) { return dash.no_update; }
    var id = sent.props.id;
    var before = given[id] || {};
    var now = (given[id] = texts(sent.props));
    if (!document.getElementById(id)) { return [sent]; }
    var changed = {};
    CHANGING.forEach(function (name) { if (now[name] !== before[name]) { changed[name] = sent.props[name]; } });
    if (Object.keys(changed).length) { dash.set_props(id, changed); }
    return dash.no_update;
  };
})();
