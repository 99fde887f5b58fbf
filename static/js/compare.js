// Two recordings beside each other: both papers move together, in millimetres of paper, so that sheets of two sizes keep
// one scale; or one stands in the other's place. What is chosen here stands while B pages on, until the page is left.
"use strict";
(() => {
  const { journal } = globalThis;
  if (!journal) return;
  const byId = (id) => document.getElementById(id);
  const BEGINNING = { follow: true, blink: false, side: "A", left: null, fitted: undefined, offset: { x: 0, y: 0 } };
  const state = { ...BEGINNING };
  const region = () => document.querySelector("#laesepanel.compare");
  const side = (letter) => region()?.querySelector(`[data-side="${letter}"]`);
  const paper = (letter) => side(letter)?.querySelector(".paper:has(.sheet img)");
  const viewers = () => ["A", "B"].map((letter) => paper(letter)).filter(Boolean).map((each) => journal.viewer(each));
  const isFitted = (viewer) => !viewer.paper.classList.contains("zoomed");
  const shifted = (point, by, sign) => ({ x: point.x + sign * by.x, y: point.y + sign * by.y });

  // Both whole pages (or widths) in sight at one scale: that of the paper which needs the smaller one.
  const fitBoth = (how) => {
    const both = viewers();
    for (const viewer of both) viewer.fit(how, true);
    state.offset = { x: 0, y: 0 };
    state.fitted = how;
    if (both.length < 2) return;
    const [a, b] = both.map((viewer) => viewer.pxPerMm);
    if (Math.abs(a - b) > 0.001 * a) both[a > b ? 0 : 1].zoom(Math.min(a, b), true);
  };
  const fitAgain = () => {
    const [a] = viewers();
    if (a) fitBoth((a.paper.dataset.tilpas || document.body.dataset.tilpas) === "bredde" ? "width" : "page");
  };
  const lead = (leader) => {
    const [a, b] = viewers();
    if (!b) return;
    const apart = () => Math.abs(a.pxPerMm - b.pxPerMm) > 0.001 * a.pxPerMm;
    const other = leader === a ? b : a;
    if (state.follow && isFitted(leader) && apart()) fitAgain();
    else if (apart() || !isFitted(leader)) state.fitted = null;
    if (state.follow) {
      if (apart()) other.zoom(leader.pxPerMm, true);
      other.moveTo(shifted(leader.centre, state.offset, leader === a ? 1 : -1), true);
    }
    state.left = [a, b].map((viewer) => ({ px: viewer.pxPerMm, centre: viewer.centre }));
  };

  // The buttons for the paper are for the one that was used last.
  const use = (chosen) => {
    for (const each of region().querySelectorAll(".paper")) {
      if (each === chosen) each.dataset.nu = "";
      else delete each.dataset.nu;
    }
  };
  const say = (words) => { byId("status").textContent = words; };
  const draw = () => {
    const now = region();
    if (!byId("foelg")) return;
    const sizes = new Set(viewers().map((viewer) => viewer.sheets[0].dataset.mm));
    now.classList.toggle("uneven", sizes.size > 1); // two sizes of paper lie at one corner
    byId("foelg").checked = state.follow;
    byId("side-om-side").setAttribute("aria-pressed", String(!state.blink));
    byId("skift").setAttribute("aria-pressed", String(state.blink));
    now.classList.toggle("blink", state.blink);
    for (const letter of ["A", "B"]) side(letter).classList.toggle("off", state.blink && state.side !== letter);
    if (state.blink) use(paper(state.side));
  };
  // The room of a paper changes: what is in the middle stays in the middle.
  const keeping = (change) => {
    const before = viewers().map((viewer) => viewer.centre);
    change();
    if (state.fitted) fitAgain();
    else viewers().forEach((viewer, i) => viewer.moveTo(before[i], true));
  };
  const blink = (on) => {
    const change = on !== state.blink;
    if (on && !change) state.side = state.side === "A" ? "B" : "A";
    state.blink = on;
    if (change) keeping(draw);
    else draw();
    const off = region().querySelector(".side.off");
    if (off?.contains(document.activeElement) || document.activeElement === document.body) byId("skift").focus({ preventScroll: true });
    if (on) say(side(state.side).querySelector("h3").textContent.trim());
  };
  const follow = (on) => {
    state.follow = on;
    const [a, b] = viewers();
    if (!on || !b) return;
    b.zoom(a.pxPerMm, true);
    state.offset = shifted(b.centre, a.centre, -1);
    state.fitted = null;
  };

  // A page, or a new pane: both papers as they were left.
  const begin = () => {
    if (!region()) return;
    draw();
    const both = viewers();
    for (const viewer of both) viewer.addEventListener("change", () => { if (region()?.contains(viewer.paper)) lead(viewer); });
    const [a, b] = both;
    if (!b) return;
    if (state.fitted !== null) fitAgain();
    if (!state.left) return;
    both.forEach((viewer, i) => {
      if (state.fitted === null) viewer.zoom(state.left[i].px, true);
      viewer.moveTo(state.left[i].centre, true);
    });
    if (state.follow) lead(a);
  };

  document.addEventListener("journal:pane", (event) => {
    if (event.detail.turned) Object.assign(state, BEGINNING);
    begin();
  });
  for (const sign of ["pointerdown", "focusin", "wheel"]) {
    document.addEventListener(sign, (event) => {
      const used = region() && event.target.closest?.(".paper");
      if (used) use(used);
    }, { passive: true });
  }
  addEventListener("resize", () => { if (region() && state.fitted) fitAgain(); });
  document.addEventListener("click", (event) => {
    if (!region()) return;
    for (const open of document.querySelectorAll(".choose[open]")) if (!open.contains(event.target)) open.open = false;
    const id = event.target.closest?.("button")?.id;
    if (id === "skift") blink(true);
    else if (id === "side-om-side") blink(false);
  });
  document.addEventListener("change", (event) => { if (event.target.id === "foelg") follow(event.target.checked); });

  // B pages with the arrows, but where they scroll: in a picture, in a list, in a page that is taller than its window,
  // where they page from B's own buttons on.
  const isOfB = (element) => element.closest("[data-side='B'] > header");
  const scrolls = () => [document.scrollingElement, region()].some((each) => each.scrollHeight > each.clientHeight + 1);
  document.addEventListener("keydown", (event) => {
    if (!region() || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || document.querySelector("dialog[open]")) return;
    const open = document.querySelector(".choose[open]");
    if (event.key === "Escape" && open) {
      event.preventDefault();
      open.open = false;
      open.querySelector("summary").focus();
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || open || event.target.closest(".paper") || (!isOfB(event.target) && scrolls())) return;
    event.preventDefault();
    journal.step(step);
  }, true);

  // Back from a comparison: the row that opened it may be out of sight in a narrow window.
  const opener = /^#(r-[\w-]+|sammenlign)$/.test(location.hash) && byId(location.hash.slice(1));
  if (opener && !opener.offsetParent) byId("optagelse")?.focus();
  begin();
})();
