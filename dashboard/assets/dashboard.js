// What the browser does by itself. Filters live in the controls; the address mirrors them.
(function () {
  "use strict";
  var dash = (window.dash_clientside = window.dash_clientside || {});
  var THEME_KEY = "bedrock-analytics-theme";
  var MINUTE = 60;
  var ANY = "*";

  function asList(value) {
    var list = (Array.isArray(value) ? value : [value]).filter(function (entry) {
      return entry !== null && entry !== undefined;
    });
    return list.filter(function (entry) { return entry !== ANY; });
  }

  // Of a list with an entry for all: all, when it was chosen last or nothing else is left.
  function chosenOf(values) {
    if (!values || values.length === 0 || values[values.length - 1] === ANY) {
      return [ANY];
    }
    return values.filter(function (value) { return value !== ANY; });
  }

  function sameJson(one, other) {
    return JSON.stringify(one) === JSON.stringify(other);
  }

  function queryOf(fields, values) {
    var query = new URLSearchParams();
    fields.forEach(function (field, index) {
      var value = values[index];
      if (field.many) {
        asList(chosenOf(value)).forEach(function (entry) { query.append(field.name, entry); });
      } else if (value !== null && value !== undefined && value !== "" && value !== field.default) {
        query.set(field.name, value);
      }
    });
    return query;
  }

  function showAddress(query) {
    var text = query.toString();
    var address = window.location.pathname + (text ? "?" + text : "");
    if (address !== window.location.pathname + window.location.search) {
      window.history.replaceState(window.history.state, "", address);
    }
  }

  function age(seconds) {
    if (seconds < 45) { return "just now"; }
    if (seconds < 90 * MINUTE) { return Math.max(1, Math.round(seconds / MINUTE)) + " min ago"; }
    if (seconds < 36 * 60 * MINUTE) { return Math.round(seconds / MINUTE / 60) + " h ago"; }
    return Math.round(seconds / MINUTE / 60 / 24) + " days ago";
  }

  function clockTime(moment, zone, now) {
    var options = { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: zone };
    var day = { day: "numeric", month: "short", timeZone: zone };
    var time = new Intl.DateTimeFormat("en-GB", options).format(moment);
    var date = new Intl.DateTimeFormat("en-GB", day).format(moment);
    return date === new Intl.DateTimeFormat("en-GB", day).format(now) ? time : date + " " + time;
  }

  function copyText(text) {
    if (window.navigator.clipboard && window.isSecureContext) {
      return window.navigator.clipboard.writeText(text);
    }
    var area = document.createElement("textarea"); // plain http on another host has no clipboard
    area.value = text;
    area.className = "visually-hidden";
    document.body.appendChild(area);
    area.select();
    var copied = document.execCommand("copy");
    area.remove();
    return copied ? Promise.resolve() : Promise.reject(new Error("not copied"));
  }

  function withTemplate(figure, template) {
    return Object.assign({}, figure, { layout: Object.assign({}, figure.layout, { template: template }) });
  }

  dash.bedrock = {
    boot: function () {
      var theme = document.documentElement.getAttribute("data-bs-theme");
      var zone = Intl.DateTimeFormat().resolvedOptions().timeZone || "";
      return [{ search: window.location.search, theme: theme, zone: zone }, theme];
    },

    gather: function () {
      var all = Array.prototype.slice.call(arguments);
      var before = all.pop();
      var fields = all.pop();
      var none = dash.no_update;
      if (!fields) { return [none, none, none, none]; }
      var asked = {};
      var narrowed = 0;
      var zone = all[fields.findIndex(function (field) { return field.name === "zone"; })];
      all = all.map(function (value, index) {
        var field = fields[index];
        return field.exact && value === field.shown && zone === field.zone ? field.exact : value;
      });
      fields.forEach(function (field, index) {
        var value = field.many ? chosenOf(all[index]) : all[index];
        if (field.asks) { asked[field.name] = value === undefined || value === null ? "" : value; }
        if (field.many && value[0] !== ANY) { narrowed += 1; }
        if (field.name === "model" || field.name === "caller") { narrowed += value && value !== ANY ? 1 : 0; }
      });
      showAddress(queryOf(fields, all));
      return [
        sameJson(asked, before) ? none : asked,
        narrowed === 0,
        narrowed ? String(narrowed) : "",
        asked.range !== "custom",
      ];
    },

    choose: function (values, options) {
      var chosen = chosenOf(values);
      var texts = {};
      (options || []).forEach(function (option) { texts[option.value] = option.label; });
      var label = chosen.length === 1
        ? String(texts[chosen[0]] || chosen[0]).split(" · ")[0]
        : chosen.length + " chosen";
      return [sameJson(chosen, values) ? dash.no_update : chosen, label];
    },

    clear: function (clicks) {
      return clicks ? [[ANY], [ANY], ANY, ANY] : [dash.no_update, dash.no_update, dash.no_update, dash.no_update];
    },

    freshness: function (pulse, trouble) {
      var now = new Date();
      var alarm = trouble ? trouble + " The numbers shown are the last ones loaded." : "";
      if (!pulse) { return ["fresh", "—", "", "—", "", alarm, !alarm]; }
      var upTo = pulse.data_up_to ? new Date(pulse.data_up_to) : null;
      var newest = pulse.newest_call ? new Date(pulse.newest_call) : null;
      var seen = [pulse.data_up_to, pulse.checked_at].filter(Boolean).map(function (text) { return new Date(text); });
      var missed = seen.length ? Math.floor((now - Math.min.apply(null, seen)) / 1000 / pulse.interval) : 0;
      var state = trouble || !upTo ? "unknown"
        : missed >= pulse.red_after ? "red" : missed >= pulse.amber_after ? "amber" : "ok";
      if (!alarm && state === "red") {
        alarm = "Data is late: the logs have been computed up to " + clockTime(upTo, pulse.zone, now) +
          " only, " + age((now - upTo) / 1000) + ". Is the computation running?";
      }
      var words = { ok: "", amber: " · late", red: " · very late", unknown: "" };
      return [
        "fresh fresh-" + state,
        upTo ? clockTime(upTo, pulse.zone, now) : "—",
        upTo ? age((now - upTo) / 1000) + words[state] : "",
        newest ? clockTime(newest, pulse.zone, now) : "—",
        newest ? age((now - newest) / 1000) : "",
        alarm,
        !alarm,
      ];
    },

    cadence: function (seconds) {
      var off = seconds === "off";
      document.documentElement.setAttribute("data-refresh", seconds || "off");
      return [off ? 3600000 : Number(seconds) * 1000, off || document.hidden];
    },

    copyLink: function (clicks, question, bucket) {
      if (!clicks || !question) { return dash.no_update; }
      var query = new URLSearchParams(window.location.search);
      query.set("range", "custom");
      query.set("from", question.start);
      query.set("to", question.end);
      query.set("zone", question.zone);
      query.set("interval", bucket || "auto");
      var address = window.location.origin + window.location.pathname + "?" + query.toString();
      var said = function (text) { dash.set_props("copied", { children: text }); };
      copyText(address).then(
        function () { said("Copied"); },
        function () { said("Not copied"); }
      );
      window.setTimeout(function () { said("Copy link"); }, 2000);
      return dash.no_update;
    },

    switchTheme: function (clicks, figures, templates) {
      var none = figures.map(function () { return dash.no_update; });
      if (!clicks) { return [dash.no_update, none]; }
      var root = document.documentElement;
      var theme = root.getAttribute("data-bs-theme") === "dark" ? "light" : "dark";
      root.setAttribute("data-bs-theme", theme);
      root.setAttribute("data-ag-theme-mode", theme);
      try {
        window.localStorage.setItem(THEME_KEY, theme);
      } catch (error) {
        // storage may be switched off: the choice then holds for this page only
      }
      return [theme, figures.map(function (figure) { return withTemplate(figure, templates[theme]); })];
    },
  };

  // Refresh pauses in a hidden tab and catches up on return.
  document.addEventListener("visibilitychange", function () {
    var off = (document.documentElement.getAttribute("data-refresh") || "off") === "off";
    if (off || !document.getElementById("main")) { return; }
    dash.set_props("tick", { disabled: document.hidden });
    if (!document.hidden) { dash.set_props("wake", { data: Date.now() }); }
  });

  function drawer(open) {
    var filters = document.getElementById("filters");
    if (!filters) { return; }
    var button = document.querySelector("[data-drawer='open']");
    document.documentElement.classList.toggle("drawer-shown", open);
    button.setAttribute("aria-expanded", String(open));
    if (open) {
      document.getElementById("drawer-close").focus();
    } else {
      button.focus();
    }
  }

  function keepFocusInDrawer(event) {
    var filters = document.getElementById("filters");
    var reachable = Array.prototype.filter.call(
      filters.querySelectorAll("button, select, input, a[href]"),
      function (element) { return element.offsetParent !== null && !element.disabled; }
    );
    var first = reachable[0];
    var last = reachable[reachable.length - 1];
    if (event.shiftKey && document.activeElement === first) {
      last.focus();
      event.preventDefault();
    } else if (!event.shiftKey && document.activeElement === last) {
      first.focus();
      event.preventDefault();
    }
  }

  document.addEventListener("click", function (event) {
    var target = event.target.closest ? event.target : null;
    if (!target) { return; }
    if (target.closest("[data-retry]")) { dash.set_props("attempt", { data: Date.now() }); }
    if (target.closest("[data-clear]")) { document.getElementById("clear").click(); }
    if (target.closest("[data-drawer='open']")) { drawer(true); }
    var shown = document.documentElement.classList.contains("drawer-shown");
    if (shown && (target.closest("#drawer-close") || target === document.documentElement)) { drawer(false); }
    if (shown && target.classList.contains("page")) { drawer(false); }
  });

  document.addEventListener("keydown", function (event) {
    var shown = document.documentElement.classList.contains("drawer-shown");
    if (shown && event.key === "Escape") { drawer(false); }
    if (shown && event.key === "Tab") { keepFocusInDrawer(event); }
    var typing = event.target.closest && event.target.closest("input, select, textarea, .ag-root");
    if (event.key === "r" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      var button = document.getElementById("refresh-button");
      if (button) { button.click(); }
    }
  });
})();
