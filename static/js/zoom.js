// The buttons for the paper: zoom, fit, 1:1 and pan. What is chosen stands while the reader pages on; "Bredde" is told to
// the server, which remembers it for this browser.
"use strict";
(() => {
  const { journal } = globalThis;
  if (!journal) return;
  const { body } = document;
  const byId = (id) => document.getElementById(id);
  const viewer = () => {
    const papers = [...document.querySelectorAll("#laesepanel .paper")]; // two in a comparison: the one used last
    const paper = papers.find((each) => "nu" in each.dataset) || papers[0];
    return paper?.querySelector(".sheet img") ? journal.viewer(paper) : null;
  };

  // Pixels of the screen per millimetre, as the reader has measured this screen: CSS pixels change with the browser's zoom.
  const screenNow = () => [screen.width, screen.height].map((each) => Math.round(each * devicePixelRatio)).join("x");
  const calibrated = () => body.dataset.skaerm === screenNow() && Number(body.dataset.pxPrMm) / devicePixelRatio;

  if (!calibrated()) delete body.dataset.pxPrMm; // measured on another screen

  const show = (told) => {
    const at = viewer();
    const number = byId("zoom-tal");
    if (!at || !number) return;
    number.textContent = `${Math.round((at.pxPerMm / journal.FULL) * 100)} %`;
    if (told) byId("status").textContent = `Zoom ${number.textContent}`;
  };
  const watched = new WeakSet();
  const watch = () => {
    const at = viewer();
    if (!at) return;
    if (!watched.has(at)) at.addEventListener("change", () => show());
    watched.add(at);
    show();
  };

  const remember = (how) => {
    body.dataset.tilpas = how === "width" ? "bredde" : "side";
    journal.keep?.({ tilpas: body.dataset.tilpas });
  };
  const one = (at) => {
    if (calibrated()) at.zoom(calibrated());
    else journal.calibrate?.();
  };
  const acts = {
    in: (at) => at.step(true),
    out: (at) => at.step(false),
    full: (at) => at.zoom(journal.FULL),
    page: (at) => { at.fit("page"); remember("page"); },
    width: (at) => { at.fit("width"); remember("width"); },
    one,
    measure: () => journal.calibrate?.(),
    left: (at) => at.pan(-1, 0),
    right: (at) => at.pan(1, 0),
    up: (at) => at.pan(0, -1),
    down: (at) => at.pan(0, 1),
  };
  const still = new Set(["left", "right", "up", "down", "measure"]);
  const act = (name) => {
    const at = viewer();
    if (!at) return;
    acts[name](at);
    show(!still.has(name));
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-zoom]");
    if (button) act(button.dataset.zoom);
  });
  addEventListener("resize", () => show());
  watch();

  Object.assign(journal, {
    calibrated, screenNow,
    zoom: act,
    // What the reader has chosen goes along to the next pane, before it is painted.
    view: () => {
      const at = viewer();
      return at?.paper.classList.contains("zoomed") ? { px: at.pxPerMm, centre: at.centre } : null;
    },
    show: (pane, view, turned) => {
      const at = viewer();
      if (turned) journal.suit(pane); // the paper has another width
      if (at && view) {
        at.zoom(view.px, true);
        at.moveTo(view.centre, true);
      }
      watch();
    },
  });
})();
