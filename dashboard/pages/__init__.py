"""The pages. Each is one or more modules of its own and one line in `registry.PAGES`.

The contract (`page.Page`, `page.PageContext`):

- `layout(context)` makes the page's body only. The frame around it (`shell`) stays mounted while pages
  change: header, navigation, filter bar, stores and footer. A layout reads nothing dear; numbers come by
  callbacks.
- `register(app, services)` registers its callbacks. It keeps no state in the module, so that two apps can
  live in one process.
- Ids of components begin with the page's path, styles are in `assets/pages-<path>.css`.
- Its own controls stand in the address through `fields`; range, zone, comparison and filters are the
  frame's. All of it comes to callbacks as one `Question` in the store `ids.QUESTION`.
- A panel (chart, table twin, messages, export, answers of the event lake) is `widgets.panels.panel` in the
  layout and `panels.answer_panel` among the callbacks.
- A click adds a filter where an element carries `data-filter` and `data-value`, where a trace's `meta` says
  `{"filter": kind, "values": [...]}`, and sets the range where it says `{"spans": [[start, end], ...]}`.
"""
