// The record pages' own behaviour. Everything works without it: htmx and this file only spare the reader the flash of a
// new page. Events of htmx are listened to here and nowhere else.
"use strict";
(() => {
  const byId = (id) => document.getElementById(id);
  const main = byId("indhold");
  if (!main) return;
  const journal = {}; // what the other files of this script know of each other
  globalThis.journal = journal;

  // Nothing of a record outlives the answer that the server gave for it: not in the back-forward cache, and not in web
  // storage, where htmx notes the address even with its history off. Going back asks the server again.
  const forget = () => sessionStorage.clear();
  forget();
  addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
  const address = () => location.pathname + location.search;
  let here = address();
  addEventListener("popstate", () => { if (address() !== here) location.reload(); });

  // On a machine that many use, a page that nobody touches for a while empties itself. A touch in one tab counts in all
  // of them, and the server is told at most once a minute: its own limit is the one that ends the access.
  const limit = Number(document.body.dataset.tomEfter) * 1000;
  if (limit) {
    const tabs = new BroadcastChannel("brug");
    let touched = Date.now();
    let told = touched;
    let empty = false;
    const overdue = () => {
      if (empty || Date.now() - touched < limit) return empty;
      empty = document.body.hidden = true;
      document.body.replaceChildren();
      location.replace("/adgang-udloebet/");
      return true;
    };
    const touch = () => {
      if (overdue()) return;
      touched = Date.now();
      if (touched - told < 60_000) return;
      told = touched;
      tabs.postMessage("brug");
      const token = document.querySelector("[name=csrfmiddlewaretoken]");
      fetch("/til-stede/", { method: "POST", headers: { "X-CSRFToken": token ? token.value : "" } }).catch(() => {});
    };
    tabs.addEventListener("message", () => { if (!overdue()) touched = told = Date.now(); });
    for (const sign of ["pointerdown", "pointermove", "keydown", "wheel", "touchstart"]) {
      addEventListener(sign, touch, { capture: true, passive: true });
    }
    document.addEventListener("visibilitychange", overdue);
    setInterval(overdue, 1000);
  }

  // The access is over, or the answer is about somebody else: the content leaves the screen, and so does the citizen.
  const clear = (content) => {
    for (const gone of document.querySelectorAll(".appbar form, .banner, .tabs, .notices, .sources")) gone.remove();
    const page = document.createElement("div");
    page.className = "page";
    page.append(content);
    if (!page.querySelector("h1")) {
      page.prepend(Object.assign(document.createElement("h1"), { className: "hidden-text", textContent: "Sundhedsjournal" }));
    }
    main.replaceChildren(page);
    document.title = "Sundhedsjournal";
    main.focus();
  };
  const parsed = (html) => {
    const template = document.createElement("template");
    template.innerHTML = html;
    return template.content;
  };

  const connected = (yes) => {
    const notice = byId("afbrudt");
    if (!notice) return;
    const shown = byId("laesepanel");
    notice.querySelector(".hentet").textContent = (shown || main).dataset.hentet || "";
    notice.hidden = yes;
  };

  // The reading pane has changed by the reader's choice: list, address and status follow. Behind a comparison lies the list.
  const showing = (pane, path) => {
    if (path !== here) history.pushState(null, "", path);
    here = path;
    for (const link of document.querySelectorAll(".rows [aria-current]")) link.removeAttribute("aria-current");
    const row = document.querySelector(`.rows li a[href="${CSS.escape(path)}"]`);
    row?.setAttribute("aria-current", "true");
    const folder = document.querySelector(".folder");
    folder?.classList.add("reading");
    folder?.classList.toggle("comparing", pane.classList.contains("compare"));
    byId("status").textContent = pane.dataset.status || "";
    return row;
  };

  const onBeforeSwap = (event) => {
    const { xhr, target } = event.detail;
    const answer = xhr.responseText;
    if (xhr.status === 410 || xhr.status === 409) {
      event.detail.shouldSwap = false;
      clear(parsed(answer));
    } else if (/^\s*<!doctype/i.test(answer)) {
      event.detail.shouldSwap = false; // a whole page is not for a pane: let the browser show it
      location.reload();
    } else if (xhr.status >= 400 && target.id === "laesepanel") {
      event.detail.swapOverride = "innerHTML";
      target.className = "pane"; // also where two were to stand: the list leads on from here
      delete target.dataset.status;
      target.dataset.adresse = event.detail.pathInfo.requestPath;
    } else if (xhr.status >= 400) {
      event.detail.shouldSwap = false; // a check in the background
      if (xhr.status >= 500) connected(false);
      else location.reload();
    } else if (target.id === "nyt" && target.firstElementChild) {
      event.detail.shouldSwap = false; // said already; it goes on asking, to hear of the end
    } else if (answer) {
      const content = parsed(answer);
      const told = content.querySelector("[data-kontekst]"); // every fragment says whose it is
      if (!told || told.dataset.kontekst !== main.dataset.kontekst) {
        event.detail.shouldSwap = false;
        clear(byId("forkert-borger").content);
      } else if (target.id === "laesepanel") {
        event.detail.shouldSwap = false; // paging.js puts it in, together with its picture
        journal.arrived(content, event.detail.pathInfo.requestPath);
      }
    }
  };

  const onAfterSettle = (event) => {
    forget();
    if (event.target.id === "laesepanel") showing(event.target, event.target.dataset.adresse); // why it is not shown
    if (document.activeElement === document.body) document.querySelector("p.cpr a")?.focus();
  };

  // An image that does not come is said in words, not left as a hole.
  const missing = (image) => {
    const sheet = image.closest(".sheet");
    const words = byId("intet-billede");
    if (sheet && words) sheet.replaceWith(words.content.cloneNode(true));
  };
  for (const image of document.querySelectorAll(".sheet img")) if (image.complete && !image.naturalWidth) missing(image);

  Object.assign(journal, { main, showing, missing, forget });
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.target?.id !== "laesepanel" || event.detail.elt === document.body) return;
    event.preventDefault(); // the picture that a pane waits for is ready: one way leads to every pane
    journal.renew(event.detail.pathInfo.requestPath);
  });
  document.addEventListener("htmx:beforeSwap", onBeforeSwap);
  document.addEventListener("htmx:afterSettle", onAfterSettle);
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.xhr.status && event.detail.xhr.status < 500) connected(true);
  });
  for (const lost of ["htmx:sendError", "htmx:timeout"]) document.addEventListener(lost, () => connected(false));
  document.addEventListener("error", (event) => { if (event.target.matches?.(".sheet img")) missing(event.target); }, true);
})();
