// Cells of the tables of Cost & usage: a share as a bar, and a row's course.
(function () {
  "use strict";
  var cells = (window.dashAgGridComponentFunctions = window.dashAgGridComponentFunctions || {});

  cells.ShareBar = function (props) {
    var element = window.React.createElement;
    var row = props.data || {};
    var part = Math.max(0, Math.min(1, Number(row.share) || 0));
    return element("div", { className: "share-cell" }, [
      element("span", { key: "bar", className: "share-track" },
        element("span", { className: "share-bar", style: { width: (part * 100).toFixed(2) + "%" } })),
      element("span", { key: "text" }, row.share_text),
    ]);
  };

  cells.Course = function (props) {
    var style = (props.data || {}).course_style;
    return style ? window.React.createElement("span", { className: "spark row-spark", style: style }) : null;
  };
})();
