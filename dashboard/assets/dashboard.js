// Ages, refresh, links to copy, theme, drawer, keyboard and session.
(function () {
  "use strict";
  var dash = (window.dash_clientside = window.dash_clientside || {});
  var THEME_KEY = "bedrock-analytics-theme";
  var MINUTE = 60;
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

  dash.bedrock = dash.bedrock || {};
  Object.assign(dash.bedrock, {
    copyText: copyText,

    freshness: function (pulse, trouble) {
      var now = new Date();
      expire(trouble && trouble.expired ? trouble.text : "");
      var alarm = trouble && !trouble.expired ? trouble.text + " The numbers shown are the last ones loaded." : "";
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

    copyLink: function (clicks, question) {
      if (!clicks || !question) { return dash.no_update; }
      var query = new URLSearchParams(window.location.search);
      query.set("range", "custom");
      query.set("from", question.start);
      query.set("to", question.end);
      query.set("zone", question.zone);
      dash.bedrock.ownFields().forEach(function (field) {
        var control = document.getElementById(field.control);
        if (/interval$/.test(field.name) && control) { query.set(field.name, control.value || field.default); }
      });
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
  });

  // Refresh pauses in a hidden tab and catches up on return.
  document.addEventListener("visibilitychange", function () {
    var off = (document.documentElement.getAttribute("data-refresh") || "off") === "off";
    if (!document.getElementById("main")) { return; }
    if (isSignedOut() || document.documentElement.hasAttribute("data-expired")) {
      if (!document.hidden) { dash.set_props("wake", { data: Date.now() }); } // signed in again elsewhere?
      return;
    }
    if (off) { return; }
    dash.set_props("tick", { disabled: document.hidden });
    if (!document.hidden) { dash.set_props("wake", { data: Date.now() }); }
  });

  // ---- session: an answer to somebody who is signed out says so in its head, and brings nothing ----

  function isSignedOut() { return document.documentElement.hasAttribute("data-signed-out"); }

  function signOut(address) {
    var notice = document.getElementById("signed-out");
    if (!notice) { return; }
    var here = window.location.pathname + window.location.search;
    document.documentElement.setAttribute("data-signed-out", "");
    document.getElementById("sign-in").setAttribute("href", address + "?next=" + encodeURIComponent(here));
    notice.hidden = false;
    document.getElementById("main").inert = true;
    dash.set_props("tick", { disabled: true });
  }

  function signIn() {
    document.documentElement.removeAttribute("data-signed-out");
    document.getElementById("signed-out").hidden = true;
    document.getElementById("main").inert = false;
    dash.set_props("tick", { disabled: (document.documentElement.getAttribute("data-refresh") || "off") === "off" });
  }

  // Expired AWS credentials look like an ended session; who has renewed them tries again.
  function expire(told) {
    var notice = document.getElementById("expired");
    if (!notice || notice.hidden === !told) { return; }
    document.documentElement.toggleAttribute("data-expired", Boolean(told));
    document.getElementById("expired-text").textContent = told;
    notice.hidden = !told;
    var off = (document.documentElement.getAttribute("data-refresh") || "off") === "off";
    dash.set_props("tick", { disabled: Boolean(told) || off });
  }

  var fetchAsBefore = window.fetch;
  window.fetch = function (resource) {
    var address = typeof resource === "string" ? resource : resource.url;
    return fetchAsBefore.apply(this, arguments).then(function (answer) {
      if (address.indexOf("_dash-update-component") >= 0) {
        if (answer.headers.get("X-Session") === "ended") {
          signOut(answer.headers.get("X-Sign-In") || "");
        } else if (answer.ok && isSignedOut()) {
          signIn();
        }
      }
      return answer;
    });
  };

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
    if (target.closest("[data-drawer='open']")) { drawer(true); }
    var shown = document.documentElement.classList.contains("drawer-shown");
    if (shown && (target.closest("#drawer-close") || target === document.documentElement)) { drawer(false); }
    if (shown && target.classList.contains("page")) { drawer(false); }
  });

  function press(element) {
    if (element) { element.click(); }
  }

  // Pages without filters keep them, out of sight and out of reach.
  function pressFilter(selector) {
    var bar = document.getElementById("filters");
    if (bar && !bar.hidden) { press(document.querySelector(selector)); }
  }

  // The innermost thing that is open is closed first.
  function escape() {
    if (dash.bedrock.closePicker()) { return; }
    if (document.documentElement.classList.contains("drawer-shown")) { drawer(false); return; }
    var open = Array.prototype.filter.call(document.querySelectorAll("[data-escape]"), function (element) {
      return element.offsetParent !== null;
    });
    press(open[open.length - 1]);
  }

  function search() {
    var field = Array.prototype.find.call(document.querySelectorAll("[data-search]"), function (element) {
      return element.offsetParent !== null;
    });
    var input = field && (field.matches("input") ? field : field.querySelector("input"));
    if (input) { input.focus(); } else { pressFilter("[data-open='model']"); }
  }

  var keys = {
    r: function () { press(document.getElementById("refresh-button")); },
    "[": function () { pressFilter("[data-step='-1'] button"); },
    "]": function () { pressFilter("[data-step='1'] button"); },
    "/": search,
  };

  document.addEventListener("keydown", function (event) {
    var shown = document.documentElement.classList.contains("drawer-shown");
    if (shown && event.key === "Tab") { keepFocusInDrawer(event); }
    if (event.key === "Escape") { escape(); }
    var target = event.target.closest ? event.target : null;
    if (!target) { return; }
    if (event.key === "Enter" && target.matches(".ag-cell")) { press(target.querySelector("[data-filter]")); }
    var typing = target.closest("input:not([type=radio]):not([type=checkbox]), select, textarea, .ag-root");
    if (typing || event.ctrlKey || event.metaKey || event.altKey || !keys[event.key]) { return; }
    event.preventDefault();
    keys[event.key]();
  });
})();
