// The pricing page: buttons open a model's history or a form in the side panel; Enter saves.
(function () {
  "use strict";
  var dash = (window.dash_clientside = window.dash_clientside || {});
  var cells = (window.dashAgGridComponentFunctions = window.dashAgGridComponentFunctions || {});

  cells.PriceName = function (props) {
    var element = window.React.createElement;
    var row = props.data || {};
    var name = row.price_of
      ? element("button", {
          key: "name", type: "button", className: "filter-link cell-name", tabIndex: -1,
          "data-price-of": row.price_of, title: "Prices of " + row.name,
        }, row.name)
      : element("span", { key: "name", className: "cell-name" }, row.name);
    var first = [name];
    if (row.chip) { first.push(element("span", { key: "chip", className: "chip" }, row.chip)); }
    return element("div", { className: "two-lines" }, [
      element("div", { key: "first", className: "cell-first" }, first),
      row.detail ? element("div", { key: "detail", className: "cell-detail" }, row.detail) : null,
    ]);
  };

  dash.pricing = {
    opened: function (model, form) { return Boolean(model || form); },
    closed: function (isOpen) { return isOpen ? [dash.no_update, dash.no_update] : ["", null]; },
  };

  // Progress is not asked for by a hidden tab, nor by one whose session has ended; both catch up later.
  function watchProgress() {
    if (!document.getElementById("pricing-progress")) { return; }
    var rests = document.hidden || document.documentElement.hasAttribute("data-signed-out");
    dash.set_props("pricing-poll", { disabled: rests });
  }
  document.addEventListener("visibilitychange", watchProgress);
  new MutationObserver(watchProgress).observe(document.documentElement, { attributeFilter: ["data-signed-out"] });

  document.addEventListener("click", function (event) {
    var target = event.target.closest && event.target.closest("[data-price-form], [data-price-of]");
    if (!target) { return; }
    if (target.hasAttribute("data-price-form")) {
      dash.set_props("pricing-saved", { children: null });
      dash.set_props("pricing-form", { data: JSON.parse(target.getAttribute("data-price-form")) });
    } else {
      dash.set_props("pricing-form", { data: null });
      dash.set_props("pricing-of", { value: target.getAttribute("data-price-of") });
    }
  });

  document.addEventListener("keydown", function (event) {
    if (event.key !== "Enter" || !event.target.closest) { return; }
    var form = event.target.closest(".price-form");
    if (form && event.target.matches("input")) {
      event.preventDefault();
      form.querySelector("[data-save]").click();
    }
    var cell = event.target.matches(".ag-cell") && event.target.querySelector("[data-price-of]");
    if (cell) { cell.click(); }
  });
})();
