// Cells of the tables. Text from logs becomes text nodes only.
(function () {
  "use strict";
  var cells = (window.dashAgGridComponentFunctions = window.dashAgGridComponentFunctions || {});

  cells.TwoLines = function (props) {
    var element = window.React.createElement;
    var row = props.data || {};
    var wanted = row.filter;
    var name = wanted
      ? element("button", {
          key: "name", type: "button", className: "filter-link cell-name", tabIndex: -1,
          "data-filter": wanted.kind, "data-value": wanted.value, title: "Show only " + row.name,
        }, row.name)
      : element("span", { key: "name", className: "cell-name" }, row.name);
    var first = [name];
    if (row.chip) {
      first.push(element("span", { key: "chip", className: "chip" }, row.chip));
    }
    return element("div", { className: "two-lines" }, [
      element("div", { key: "first", className: "cell-first" }, first),
      row.detail ? element("div", { key: "detail", className: "cell-detail" }, row.detail) : null,
    ]);
  };
})();
