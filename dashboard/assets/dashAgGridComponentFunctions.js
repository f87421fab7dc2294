// Cells of the tables. Text from logs becomes text nodes only.
(function () {
  "use strict";
  var cells = (window.dashAgGridComponentFunctions = window.dashAgGridComponentFunctions || {});

  cells.TwoLines = function (props) {
    var element = window.React.createElement;
    var row = props.data || {};
    var first = [element("span", { key: "name", className: "cell-name" }, row.name)];
    if (row.chip) {
      first.push(element("span", { key: "chip", className: "chip" }, row.chip));
    }
    return element("div", { className: "two-lines" }, [
      element("div", { key: "first", className: "cell-first" }, first),
      row.detail ? element("div", { key: "detail", className: "cell-detail" }, row.detail) : null,
    ]);
  };
})();
