// How htmx asks, told before it looks at the page: nothing is evaluated, nothing is kept, and what the server says is shown.
"use strict";
Object.assign(htmx.config, {
  includeIndicatorStyles: false,
  allowEval: false,
  historyEnabled: false,
  historyCacheSize: 0,
  refreshOnHistoryMiss: true,
  selfRequestsOnly: true,
  scrollIntoViewOnBoost: false,
  defaultSettleDelay: 0,
  responseHandling: [{ code: "204", swap: false }, { code: "[2345]..", swap: true }],
});
