// From one recording to the next, and to two beside each other and back. One request is on its way at a time, and the
// newest wish comes after it: what the server has recorded as seen is shown, and what was paged past is never asked for.
// Header, note and picture come together.
"use strict";
(() => {
  const { journal } = globalThis;
  if (!journal) return;
  const PATIENCE = 400; // milliseconds that a new pane waits for its picture, until "Henter EKG …" stands in its place
  const shown = () => document.getElementById("laesepanel");
  const link = (id) => document.getElementById(id)?.getAttribute("href");
  const frame = () => new Promise((done) => { requestAnimationFrame(done); setTimeout(done, 50); });
  const addressOf = (pane) => pane?.dataset.adresse;
  const isComparison = (pane) => pane.classList.contains("compare");

  let wish = null; // the address to show next
  let flying = null; // the address that is asked for now
  let beyond = 0; // further steps, past what is listed: older when positive
  let arriving = null;

  // The current recordings in the list, newest first; an earlier version that stands among them is no neighbour.
  const LISTED = '.rows li a[href]:not(:has(use[href$="#replaced"]))';
  const listed = () => Array.from(document.querySelectorAll(LISTED), (row) => row.getAttribute("href"));

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
    if (arriving) (globalThis.requestIdleCallback || setTimeout)(journal.fetchAhead);
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

  // The focus stays where it is: on the same button of the new pane, in the list on the row that is shown. A comparison
  // begins at its heading and ends where it began. Where the focus has nothing left to stand on, it goes to the heading.
  let began = null; // where the focus was when a comparison took the pane
  let ending = ""; // what its "Luk" names: the button, or the row of the list
  const goal = (focused, inside, turned, pane) => {
    const row = (from) => from?.closest?.(".rows li") && document.querySelector('.rows li a[aria-current="true"]');
    if (!turned) return inside ? focused.id && document.getElementById(focused.id) : row(focused) || focused;
    if (isComparison(pane)) {
      began = focused;
      return null;
    }
    return row(began) || document.getElementById(ending);
  };
  const refocus = (to) => {
    if (to && to !== document.body && to.offsetParent) to.focus({ preventScroll: true });
    if (document.activeElement === to && to !== document.body) return;
    (document.getElementById("optagelse") || journal.main).focus({ preventScroll: true });
    if (matchMedia("(max-width: 899px)").matches) scrollTo(0, 0);
  };

  // First everything that changes the page, then everything that measures it: so it is laid out once.
  const put = (pane, path, pictures) => {
    const old = shown();
    const focused = document.activeElement;
    const inside = old.contains(focused);
    const turned = isComparison(old) !== isComparison(pane);
    const title = pane.querySelector("title");
    if (title) document.title = title.textContent;
    title?.remove();
    const view = turned ? null : journal.view?.(old);
    pictures.move();
    old.replaceWith(pane);
    if (pane.querySelector("[hx-get]")) htmx.process(pane);
    const row = journal.showing(pane, path);
    journal.show?.(pane, view, turned);
    if (!isComparison(pane)) row?.scrollIntoView({ block: "nearest" });
    refocus(goal(focused, inside, turned, pane));
    document.dispatchEvent(new CustomEvent("journal:pane", { detail: { pane, path, turned } }));
    journal.forget();
  };

  // The elements are made in this document before they are in the page, so that their pictures load and decode there.
  const comes = async (content, path) => {
    const found = content.querySelector("#laesepanel");
    if (!found) { location.reload(); return null; }
    const pictures = journal.pictures(shown(), found);
    const pane = pictures.made();
    // The first page of each paper is what will be seen: one, or two beside each other.
    const first = pictures.first();
    const late = new Promise((done) => setTimeout(done, PATIENCE, "late"));
    const came = await Promise.all(first.map((image) => image.complete || Promise.race([decoded(image), late])));
    // Two that were ticked have an address of their own.
    put(pane, /[?&]valgt=/.test(path) ? addressOf(pane) : path, pictures);
    first.forEach((image, n) => { if (came[n] === "late") waiting(image); });
    for (const each of pane.querySelectorAll(".sheet img")) if (each.complete && !each.naturalWidth) journal.missing(each);
    return pane;
  };
  const arrived = (content, path) => { arriving = comes(content, path); };

  // Every link to another recording: in the list, in a menu of a comparison, and in the pane's own paging; and the ways
  // into a comparison and out of it, for which the list must lie behind it.
  const LINKS = ".rows li a, .menu li a, .paging a, #byt, #sammenlign, #luk-sammenligning";
  document.addEventListener("click", (event) => {
    if (event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    const to = event.target.closest?.(`:is(${LINKS})[href]`);
    const isEnd = to?.id === "luk-sammenligning";
    if (!to || !shown() || (isEnd && !document.querySelector(".folder"))) return;
    event.preventDefault();
    event.stopPropagation();
    beyond = 0;
    if (isEnd) ending = to.hash.slice(1);
    if (to.id === "aeldre") step(1);
    else if (to.id === "nyere") step(-1);
    else ask(to.getAttribute("href").split("#")[0]);
  }, true);
  document.addEventListener("submit", (event) => {
    const picked = event.target.matches(".picks") && shown() && new FormData(event.target);
    if (!picked || picked.getAll("valgt").length !== 2) return;
    event.preventDefault();
    beyond = 0;
    ask(`${event.target.getAttribute("action")}?${new URLSearchParams(picked)}`);
  });

  Object.assign(journal, { ask, renew, arrived, step, go });
})();
