// What the reader wants of this screen is told to the server, which keeps it in a cookie of its own and writes it on
// <body>: nothing is kept by scripts. Here is also the step that measures the screen: a bar as long as a card or a ruler.
"use strict";
(() => {
  const { journal } = globalThis;
  if (!journal) return;
  const { body } = document;
  const byId = (id) => document.getElementById(id);

  journal.post = (path, fields) => {
    const token = document.querySelector("[name=csrfmiddlewaretoken]");
    const headers = { "X-CSRFToken": token ? token.value : "", "HX-Request": "true" };
    const how = { method: "POST", headers, body: new URLSearchParams(fields), keepalive: true }; // also when the page is left
    return fetch(path, how).then((answer) => answer.ok, () => false);
  };
  const dialog = byId("kalibrering");
  if (!dialog) return;
  const form = byId("maal");
  journal.keep = (fields) => journal.post(form.action, fields);

  const against = () => Number(new FormData(form).get("mod"));
  const length = byId("laengde");
  const draw = () => { byId("bjaelke").style.width = `${length.value}px`; };
  const start = () => {
    length.value = Math.round(2 * against() * (journal.calibrated() || journal.FULL)) / 2;
    draw();
  };
  journal.calibrate = () => {
    start();
    dialog.showModal();
  };
  form.addEventListener("input", (event) => (event.target === length ? draw() : start()));
  form.addEventListener("click", (event) => {
    const by = Number(event.target.dataset?.bjaelke);
    if (!by) return;
    length.value = Math.min(Math.max(Number(length.value) + by, length.min), length.max);
    draw();
  });
  form.addEventListener("submit", async (event) => {
    if (event.submitter?.formMethod === "dialog") return;
    event.preventDefault();
    const pxPrMm = ((Number(length.value) / against()) * devicePixelRatio).toFixed(4);
    const skaerm = journal.screenNow();
    Object.assign(body.dataset, { pxPrMm, skaerm });
    journal.keep({ "px-pr-mm": pxPrMm, skaerm });
    dialog.close();
    journal.zoom("one");
  });
})();
