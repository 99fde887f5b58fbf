// From one recording to the next. One request is on its way at a time, and the newest wish comes after it: what the server
// has recorded as seen is shown, and what was paged past is never asked for. Header, note and picture come together.
"use strict";
(() => {
  const { journal } = globalThis;
  if (!journal) return;
  const PATIENCE = 400; // milliseconds that a new pane waits for its picture, until "Henter EKG …" stands in its place
  const AHEAD = /^(.*\/side\/1)(\/75|\/150)$/;
  const shown = () => document.getElementById("laesepanel");
  const link = (id) => document.getElementById(id)?.getAttribute("href");
  const frame = () => new Promise((done) => { requestAnimationFrame(done); setTimeout(done, 50); });
  const addressOf = (pane) => pane?.dataset.adresse;

  let wish = null; // the address to show next
  let flying = null; // the address that is asked for now
  let beyond = 0; // further steps, past what is listed: older when positive
  let arriving = null;

  // The current recordings in the list, newest first; an earlier version that stands among them is no neighbour.
  const listed = () => [...document.querySelectorAll(".rows li a[href]")]
    .filter((row) => !row.querySelector('use[href$="#replaced"]')).map((row) => row.getAttribute("href"));

  const fly = async () => {
    while (wish) {
      flying = wish;
      wish = null;
      arriving = null;
      await htmx.ajax("GET", flying, { target: "#laesepanel", swap: "outerHTML" }).catch(() => {});
      const pane = await arriving;
      if (!pane) { // refused or lost: it is said already, and nothing goes on by itself
        wish = null;
        beyond = 0;
        if (document.activeElement === document.body) journal.main.focus({ preventScroll: true });
        break;
      }
      await frame();
      if (wish || !beyond) continue;
      wish = link(beyond > 0 ? "aeldre" : "nyere") || null;
      beyond = wish ? beyond - Math.sign(beyond) : 0;
    }
    flying = null;
    if (arriving) (globalThis.requestIdleCallback || setTimeout)(fetchAhead);
  };
  const ask = (path) => {
    wish = path === flying ? null : path;
    if (!flying) fly();
  };

  // The same once more, unless the reader is on the way to another.
  const renew = (path) => { if (!flying) ask(path); };

  const go = (path) => {
    beyond = 0;
    if (path && path !== (flying || addressOf(shown()))) ask(path);
    else if (path) wish = null;
  };
  const step = (by, from) => {
    if (beyond) { beyond += by; return; }
    const order = listed();
    const now = addressOf(shown());
    const here = order.indexOf(wish || flying || (order.includes(now) && from) || now);
    if (here >= 0 && order[here + by]) { go(order[here + by]); return; }
    if (here === 0 && by < 0) return;
    if (flying) beyond += by;
    else go(link(by > 0 ? "aeldre" : "nyere"));
  };

  const decoded = (image) => image.decode().then(() => true, () => false);
  const waiting = (image) => {
    const words = document.getElementById("henter-billede");
    const sheet = image.closest(".sheet");
    sheet.classList.add("waiting");
    sheet.prepend(words.content.cloneNode(true));
    decoded(image).then((came) => {
      sheet.querySelector(".state")?.remove();
      sheet.classList.remove("waiting");
      if (!came) journal.missing(image);
    });
  };

  // The neighbours' pictures, in memory alone, once the reader has opened one. What was on the screen is kept as well: who
  // turns back finds it.
  let ahead = new Map();
  const address = (image) => image?.dataset.foer || image?.currentSrc;
  const fetchAhead = () => {
    const image = shown()?.querySelector(".sheet img");
    const here = address(image)?.match(AHEAD);
    if (!here) return;
    const wanted = new Map([[here[0], image]]);
    for (const id of ["nyere", "aeldre"]) {
      const picture = document.getElementById(id)?.dataset.billede;
      if (!picture) continue;
      const url = new URL(picture + here[2], location.href).href;
      const next = ahead.get(url) || Object.assign(new Image(), { src: url });
      next.decode().catch(() => {});
      wanted.set(url, next);
    }
    ahead = wanted;
  };

  // The focus stays where it is: on the same button of the new pane, in the list on the row that is shown. Where it has
  // nothing left to stand on, it goes to the heading.
  const refocus = (focused, inside) => {
    const row = focused?.closest?.(".rows li") && document.querySelector('.rows li a[aria-current="true"]');
    const goal = inside ? focused.id && document.getElementById(focused.id) : row || focused;
    if (goal && goal !== document.body && goal.offsetParent) goal.focus({ preventScroll: true });
    if (document.activeElement === goal && goal !== document.body) return;
    (document.getElementById("optagelse") || journal.main).focus({ preventScroll: true });
    if (matchMedia("(max-width: 899px)").matches) scrollTo(0, 0);
  };

  const put = (pane, path) => {
    const old = shown();
    const focused = document.activeElement;
    const inside = old.contains(focused);
    const title = pane.querySelector("title");
    if (title) document.title = title.textContent;
    title?.remove();
    const view = journal.view?.(old);
    for (const image of old.querySelectorAll(".sheet img")) ahead.set(address(image), image);
    old.replaceWith(pane);
    journal.show?.(pane, view);
    htmx.process(pane);
    journal.forget();
    journal.showing(pane, path);
    refocus(focused, inside);
    document.dispatchEvent(new CustomEvent("journal:pane", { detail: { pane, path } }));
  };

  // The elements are made in this document before they are in the page, so that their pictures load and decode there.
  const comes = async (content, path) => {
    const size = shown().querySelector(".sheet img[srcset]")?.sizes;
    for (const image of content.querySelectorAll(".sheet img")) {
      image.decoding = "sync";
      if (size && image.hasAttribute("srcset")) image.setAttribute("sizes", size);
    }
    const found = content.querySelector("#laesepanel");
    if (!found) { location.reload(); return null; }
    const pane = document.importNode(found, true);
    // The first page of each paper is what will be seen: one, or two beside each other.
    const first = [...pane.querySelectorAll(".paper")].map((paper) => paper.querySelector(".sheet img")).filter(Boolean);
    const late = new Promise((done) => setTimeout(done, PATIENCE, "late"));
    const came = await Promise.all(first.map((image) => Promise.race([decoded(image), late])));
    put(pane, path);
    first.forEach((image, n) => { if (came[n] === "late") waiting(image); });
    for (const each of pane.querySelectorAll(".sheet img")) if (each.complete && !each.naturalWidth) journal.missing(each);
    return pane;
  };
  const arrived = (content, path) => { arriving = comes(content, path); };

  // Every link to another recording: in the list, in a menu of a comparison, and in the pane's own paging.
  document.addEventListener("click", (event) => {
    if (event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    const to = event.target.closest?.(".rows li a[href], .menu li a[href], .paging a[href], #byt");
    if (!to || !shown()) return;
    event.preventDefault();
    event.stopPropagation();
    beyond = 0;
    if (to.id === "aeldre") step(1);
    else if (to.id === "nyere") step(-1);
    else ask(to.getAttribute("href"));
  }, true);

  Object.assign(journal, { ask, renew, arrived, step, go });
})();
