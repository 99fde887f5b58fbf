// Keys do what a button does: each row of the list of shortcuts (templates/components/keys.html) says which key presses
// which element. So the list that is read and the keys that work are one and the same.
"use strict";
(() => {
  const { journal } = globalThis;
  const help = document.getElementById("genveje");
  if (!journal || !help) return;
  const { body } = document;
  const FIELDS = "textarea, select, [contenteditable], input:not([type='checkbox'])";

  const rows = new Map();
  for (const row of help.querySelectorAll("[data-taster]")) {
    for (const key of row.dataset.taster.split(" ")) rows.set(key, row.dataset);
  }
  // A row of the list or a link of the pane says where to; the step reckons from what is on its way already.
  const steps = { "#aeldre": 1, "#nyere": -1 };

  const name = (event) => {
    if (event.altKey) return /^Digit\d$/.test(event.code) ? `Alt+${event.code.at(-1)}` : "";
    return event.key.length === 1 && !event.shiftKey ? event.key.toLowerCase() : event.key;
  };
  const press = (row, key, focused) => {
    const pane = document.getElementById("laesepanel");
    if (steps[row.klik] && pane?.offsetParent) journal.step(steps[row.klik], focused?.getAttribute("href"));
    else document.querySelector(row.klik.replace("%", key.at(-1)))?.click();
  };

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.isComposing) return;
    if (event.target.closest(FIELDS) || document.querySelector("dialog[open], :popover-open")) return;
    const key = name(event);
    const row = rows.get(key);
    if (!row || (key.length === 1 && body.dataset.enkelttaster === "fra")) return;
    const focused = event.target.closest(".rows li a");
    if (row.i === "list" && !focused) return;
    if (key !== "Escape") event.preventDefault();
    press(row, key, row.i === "list" ? focused : null);
  });

  // A dialog gives the focus back by itself where it came from.
  document.getElementById("vis-genveje").addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    help.showModal();
    document.getElementById("genveje-navn").focus(); // the beginning is read first, and is on the screen
  });
  document.getElementById("taster").addEventListener("submit", async (event) => {
    if (event.submitter?.formMethod === "dialog") return;
    event.preventDefault();
    const { enkelttaster } = Object.fromEntries(new FormData(event.target));
    if (!(await journal.post(event.target.action, enkelttaster ? { enkelttaster } : {}))) return;
    body.dataset.enkelttaster = enkelttaster ? "" : "fra";
    help.close();
    document.getElementById("status").textContent = help.dataset.gemt;
  });
})();
