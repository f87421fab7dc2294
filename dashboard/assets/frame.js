// The frame in the browser: pages change in place, controls are mirrored in the address, clicks add filters.
// The address is read on load, when a link inside the dashboard is followed, and on back and forward.
(function () {
  "use strict";
  var dash = (window.dash_clientside = window.dash_clientside || {});
  var bedrock = (dash.bedrock = dash.bedrock || {});
  var META = "meta.";
  var KINDS = ["account", "region", "model", "route", "caller", "operation"];
  var root = document.documentElement;
  var told = { pages: {}, zone: "UTC" }; // what the server says of pages and zone, once
  var known = { chosen: {} }; // what the controls held when they were last gathered
  var kept = {}; // the own parameters of pages that were left
  var opener = null;

  function set(id, props) { dash.set_props(id, props); }
  function same(one, other) { return JSON.stringify(one) === JSON.stringify(other); }
  function byId(id) { return document.getElementById(id); }

  function base() {
    return JSON.parse(byId("_dash-config").textContent).requests_pathname_prefix || "/";
  }

  function path() {
    return window.location.pathname.slice(base().length).replace(/\/+$/, "");
  }

  function isFilter(name) {
    return KINDS.indexOf(name) >= 0 || (name.indexOf(META) === 0 && name.length > META.length);
  }

  function ownNames(of) {
    return ((told.pages[of] || {}).fields || []).map(function (field) { return field.name; });
  }

  function only(query, keeps) {
    var found = new URLSearchParams();
    query.forEach(function (value, name) { if (keeps(name)) { found.append(name, value); } });
    return found;
  }

  function filtersOf(query) {
    var found = {};
    query.forEach(function (value, name) {
      if (isFilter(name) && value) { (found[name] = found[name] || []).push(value); }
    });
    return found;
  }

  function write(query) {
    var text = query.toString();
    var address = window.location.pathname + (text ? "?" + text : "");
    if (address !== window.location.pathname + window.location.search) {
      window.history.replaceState(window.history.state, "", address);
    }
    linkPages(only(query, function (name) { return ownNames(path()).indexOf(name) < 0; }));
  }

  // Links to other pages carry range and filters along, also into a new tab.
  function linkPages(query) {
    Array.prototype.forEach.call(document.querySelectorAll("a[data-page]"), function (link) {
      var joined = new URLSearchParams(query);
      new URLSearchParams(link.dataset.query || "").forEach(function (value, name) { joined.set(name, value); });
      var text = joined.toString();
      link.setAttribute("href", base() + link.dataset.page + (text ? "?" + text : ""));
    });
  }

  // ---- moments ----

  function zoneInForce(zone) { return !zone || zone === "*" ? told.zone : zone; }

  function localText(moment, zone) {
    var date = new Date(moment);
    if (isNaN(date)) { return ""; }
    var parts = {};
    new Intl.DateTimeFormat("en-CA", {
      timeZone: zone, hourCycle: "h23", year: "numeric", month: "2-digit", day: "2-digit",
      hour: "2-digit", minute: "2-digit",
    }).formatToParts(date).forEach(function (part) { parts[part.type] = part.value; });
    return parts.year + "-" + parts.month + "-" + parts.day + "T" + parts.hour + ":" + parts.minute;
  }

  // A clock change shows two moments alike: what was set exactly counts until its control is changed.
  function exactOf(exact, end, shown, zone) {
    var set_ = exact && exact[end];
    return set_ && set_.exact && shown === set_.shown && zone === exact.zone ? set_.exact : shown || "";
  }

  function shownOf(text, zone) {
    return /([zZ]|[+-]\d\d:?\d\d)$/.test(text) ? localText(text, zoneInForce(zone)) : text.slice(0, 16);
  }

  function setMoments(from, to, zone) {
    var shown = { from: from ? shownOf(from, zone) : "", to: to ? shownOf(to, zone) : "" };
    set("exact", { data: {
      zone: zone, from: { exact: from, shown: shown.from }, to: { exact: to, shown: shown.to },
    } });
    set("from", { value: shown.from });
    set("to", { value: shown.to });
  }

  // ---- from the address to the controls ----

  function adopt() {
    var query = new URLSearchParams(window.location.search);
    var values = {};
    told.frame.forEach(function (field) { values[field.name] = query.get(field.name) || field.default; });
    if (values.from !== known.from || values.to !== known.to || values.zone !== known.zone) {
      setMoments(values.from, values.to, values.zone);
    }
    ["zone", "compare", "refresh", "range"].forEach(function (name) {
      if (values[name] !== known[name]) { set(name, { value: values[name] }); }
    });
    var chosen = filtersOf(query);
    if (!same(chosen, known.chosen)) { set("chosen", { data: chosen }); }
    set("route", { data: { path: path(), search: window.location.search, at: Date.now() } });
    closePicker(false);
    mark();
  }

  // What says which page it is changes with the address: the title, and the link that is current.
  function mark() {
    var here = path();
    document.title = (told.pages[here] ? told.pages[here].title : "Not found") + " · " + told.title;
    Array.prototype.forEach.call(document.querySelectorAll(".navigation a[data-page]"), function (link) {
      if (link.dataset.page === here) {
        link.setAttribute("aria-current", "page");
        var strip = link.closest("ul"); // on a phone it scrolls sideways
        strip.scrollLeft = link.offsetLeft - (strip.clientWidth - link.offsetWidth) / 2;
      } else {
        link.removeAttribute("aria-current");
      }
    });
  }

  bedrock.go = function (to, params) {
    var here = path();
    var own = ownNames(here);
    var query = only(new URLSearchParams(window.location.search), function (name) { return own.indexOf(name) < 0; });
    var wanted = new URLSearchParams(params || "");
    if (!wanted.toString()) { wanted = new URLSearchParams(kept[to] || ""); }
    wanted.forEach(function (_value, name) { query.delete(name); });
    wanted.forEach(function (value, name) { query.append(name, value); });
    var text = query.toString();
    window.history.pushState({}, "", base() + to + (text ? "?" + text : ""));
    root.classList.remove("drawer-shown");
    root.setAttribute("data-turning", "");
    adopt();
  };

  window.addEventListener("popstate", function () {
    if (told.frame) { adopt(); }
  });

  // Skipping to the content moves the focus alone: a new hash would be a step of history, and lay the page out anew.
  document.addEventListener("click", function (event) {
    if (!event.target.closest || !event.target.closest(".skip-link")) { return; }
    event.preventDefault();
    document.getElementById("main").focus();
  });

  // ---- filters and range, for pages to call ----

  function change(kind, value, isAdded) {
    var chosen = {};
    Object.keys(known.chosen).forEach(function (name) { chosen[name] = known.chosen[name].slice(); });
    var rest = (chosen[kind] || []).filter(function (each) { return each !== value; });
    if (isAdded) { rest.push(value); }
    if (rest.length) { chosen[kind] = rest; } else { delete chosen[kind]; }
    known.chosen = chosen; // a second click may come before the first one is gathered
    set("chosen", { data: chosen });
  }

  bedrock.addFilter = function (kind, value) {
    if (isFilter(kind) && value) { change(kind, value, true); }
  };

  bedrock.ownFields = function () { return (told.pages[path()] || {}).fields || []; };

  bedrock.removeFilter = function (kind, value) { change(kind, value, false); };

  bedrock.setRange = function (start, end) {
    setMoments(start, end, known.zone || "*");
    set("range", { value: "custom" });
  };

  function clear() {
    known.chosen = {};
    set("chosen", { data: {} });
    bedrock.ownFields().forEach(function (field) {
      if (field.narrows) { set(field.control, { value: field.default }); }
    });
  }

  Object.assign(bedrock, {
    boot: function (nav) {
      told = nav;
      var theme = root.getAttribute("data-bs-theme");
      var zone = Intl.DateTimeFormat().resolvedOptions().timeZone || "";
      return [{ path: path(), search: window.location.search, theme: theme, zone: zone }, theme];
    },

    gather: function (range, from, to, zone, compare, refresh, chosen, owns, exact, before) {
      var none = dash.no_update;
      if (!chosen) { return [none, none, none, none]; }
      var isCustom = range === "custom";
      var values = {
        range: range, zone: zone || "*", compare: compare, refresh: refresh,
        from: isCustom ? exactOf(exact, "from", from, zone) : "",
        to: isCustom ? exactOf(exact, "to", to, zone) : "",
      };
      known = Object.assign({ chosen: chosen }, values);
      var here = path();
      var names = ownNames(here);
      var query = new URLSearchParams();
      told.frame.forEach(function (field) {
        if (values[field.name] && values[field.name] !== field.default) { query.set(field.name, values[field.name]); }
      });
      Object.keys(chosen).forEach(function (name) {
        chosen[name].forEach(function (value) { query.append(name, value); });
      });
      var own = owns[0]; // that of the page that is mounted
      var isOwn = own && own.path === here;
      var ownQuery = new URLSearchParams(isOwn ? own.query
        : only(new URLSearchParams(window.location.search), function (name) { return names.indexOf(name) >= 0; }));
      ownQuery.forEach(function (value, name) { query.append(name, value); });
      write(query);
      var asked = {
        range: range, from: values.from, to: values.to, zone: values.zone, compare: compare, filters: chosen,
      };
      var count = Object.keys(chosen).reduce(function (sum, name) { return sum + chosen[name].length; }, 0);
      var narrowed = count + (isOwn ? own.narrowed : 0);
      return [same(asked, before) ? none : asked, narrowed === 0, count ? String(count) : "", !isCustom];
    },

    gatherOwn: function () {
      var controls = dash.callback_context.inputs_list.map(function (input) { return input.id; });
      var values = Array.prototype.slice.call(arguments, 0, controls.length);
      var of = Object.keys(told.pages).find(function (name) {
        return told.pages[name].fields.some(function (field) { return field.control === controls[0]; });
      });
      var query = new URLSearchParams();
      var narrowed = 0;
      told.pages[of].fields.forEach(function (field) {
        var value = values[controls.indexOf(field.control)];
        if (value !== null && value !== undefined && value !== "" && value !== field.default) {
          query.set(field.name, value);
          narrowed += field.narrows ? 1 : 0;
        }
      });
      kept[of] = query.toString();
      return { path: of, query: query.toString(), narrowed: narrowed };
    },

    clear: function (clicks) {
      if (clicks) { clear(); }
    },

    stepped: function (span) {
      if (span) { bedrock.setRange(span[0], span[1]); }
    },

    // A page has been mounted, or the first usage has come.
    turned: function (_children, pulse) {
      bedrock.startCharts();
      var page = told.pages[path()];
      var nothing = Boolean(pulse && !pulse.ever_used && (!page || page.filters));
      var isTurn = root.hasAttribute("data-turning");
      root.removeAttribute("data-turning");
      mark();
      window.setTimeout(function () { write(new URLSearchParams(window.location.search)); }, 0);
      if (isTurn) {
        window.scrollTo(0, 0);
        byId("main").focus({ preventScroll: true });
      }
      return [nothing, !nothing];
    },

    allZones: function (_id, options) {
      var names = Intl.supportedValuesOf ? Intl.supportedValuesOf("timeZone") : [];
      var had = options.map(function (option) { return option.value; });
      return options.concat(names.filter(function (name) { return had.indexOf(name) < 0; }).map(function (name) {
        return { value: name, label: name };
      }));
    },

    // A click on a mark of a chart, whose trace says what it stands for.
    clicked: function (clicks, figures) {
      var ids = dash.callback_context.inputs_list[0].map(function (input) { return input.id; });
      clicks.forEach(function (click, index) {
        if (!click) { return; }
        set(ids[index], { clickData: null });
        var points = click.points || [];
        for (var number = 0; number < points.length; number += 1) {
          var point = points[number];
          var meta = ((figures[index].data || [])[point.curveNumber] || {}).meta || {};
          var place = point.pointNumber;
          if (meta.spans && meta.spans[place]) {
            bedrock.setRange(meta.spans[place][0], meta.spans[place][1]);
            return;
          }
          if (meta.filter && meta.values && meta.values[place]) {
            bedrock.addFilter(meta.filter, meta.values[place]);
            return;
          }
        }
      });
    },

    // Which values of the open list are set; which filters are.
    picked: function (chosen) {
      window.setTimeout(function () {
        Array.prototype.forEach.call(document.querySelectorAll("[data-pick]"), function (button) {
          var values = (chosen || {})[button.dataset.pick] || [];
          button.setAttribute("aria-pressed", String(values.indexOf(button.dataset.value) >= 0));
        });
        Array.prototype.forEach.call(document.querySelectorAll("[data-open]"), function (button) {
          button.toggleAttribute("data-on", Boolean((chosen || {})[button.dataset.open]));
        });
      }, 0);
      return "picker-list";
    },
  });

  // ---- the list of values ----

  function openPicker(button) {
    var panel = byId("picker-panel");
    if (opener === button && !panel.hidden) { closePicker(true); return; }
    if (opener) { opener.setAttribute("aria-expanded", "false"); }
    opener = button;
    button.setAttribute("aria-expanded", "true");
    set("picker-list", { children: null });
    set("picker-search", { value: "" });
    set("picker-title", { children: button.dataset.title });
    set("picker", { data: button.dataset.open });
    panel.hidden = false;
    var room = panel.offsetParent ? panel.offsetParent.getBoundingClientRect() : { left: 0 };
    var at = button.getBoundingClientRect();
    var most = window.innerWidth - panel.offsetWidth - 8;
    panel.style.left = Math.max(8, Math.min(at.left, most)) - room.left + "px";
    panel.style.top = at.bottom + 4 - (room.top || 0) + "px";
    byId("picker-search").focus();
  }

  function closePicker(back) {
    var panel = byId("picker-panel");
    if (!panel || panel.hidden) { return; }
    panel.hidden = true;
    set("picker", { data: null });
    if (opener) {
      opener.setAttribute("aria-expanded", "false");
      if (back) { opener.focus(); }
    }
    opener = null;
  }

  bedrock.openPicker = openPicker;
  bedrock.closePicker = function () {
    var panel = byId("picker-panel");
    var wasOpen = Boolean(panel && !panel.hidden);
    closePicker(true);
    return wasOpen;
  };

  // ---- clicks ----

  function isPlain(event) {
    return event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
  }

  document.addEventListener("click", function (event) {
    var target = event.target.closest ? event.target : null;
    if (!target) { return; }
    var link = target.closest("a[data-page]");
    if (link && isPlain(event) && told.frame) {
      event.preventDefault();
      bedrock.go(link.dataset.page, link.dataset.query);
      return;
    }
    var button = target.closest("[data-filter], [data-unfilter], [data-pick], [data-open], [data-step], [data-clear]");
    var inPicker = target.closest("#picker-panel, [data-open]");
    if (!inPicker || target.closest("#picker-close")) { closePicker(Boolean(inPicker)); }
    if (!button) { return; }
    var data = button.dataset;
    if (data.filter) { bedrock.addFilter(data.filter, data.value); }
    if (data.unfilter) { bedrock.removeFilter(data.unfilter, data.value); }
    if (data.pick) { change(data.pick, data.value, button.getAttribute("aria-pressed") !== "true"); }
    if (data.open) { openPicker(button); }
    if (data.step) { set("step", { data: { steps: Number(data.step), at: Date.now() } }); }
    if (data.clear) { clear(); }
  });
})();
