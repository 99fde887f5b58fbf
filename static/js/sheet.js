// The paper: zoom, fit and pan, counted in millimetres of paper, so that two sheets can follow each other. Only the CSS
// object model is touched (the policy allows no style attributes). Without this file the sheet stands as the style sheet
// fits it, and scrolls.
"use strict";
(() => {
  const { journal } = globalThis;
  if (!journal) return;
  const FULL = 96 / 25.4; // CSS pixels per millimetre at 100 %
  const STEPS = [25, 33, 50, 67, 80, 100, 125, 150, 200, 300, 400, 600, 800];
  const FINE = 1.5 * FULL; // from here on the 300 dpi picture is asked for
  const viewers = new WeakMap();

  // How far a picture shows itself: the browser chooses among 75 and 150 dpi by it. Never less than before: what has
  // been fetched is good for less as well.
  const suit = (image, width) => {
    if (image.srcset && width > (parseFloat(image.sizes) || image.naturalWidth)) image.sizes = `${Math.ceil(width)}px`;
  };

  const wait = (seconds) => new Promise((done) => setTimeout(done, seconds * 1000));
  const fine = (image) => image.currentSrc.match(/^(.*\/side\/\d+)\/(?:75|150)$/)?.[1];
  // The worker draws 300 dpi when it is asked for: 202 until then. Only elements ask, and the browser's own notes say what
  // was answered: a question of another kind could find the picture ready, and have it sent twice. The finer one takes the
  // place of the coarser one once it is decoded; width and height stay.
  const isRefused = (url) => ![undefined, 0, 202].includes(performance.getEntriesByName(url).at(-1)?.responseStatus);
  const refine = async (image) => {
    const base = image.srcset && fine(image); // a scan has no finer one
    if (!base || image.dataset.fin) return;
    image.dataset.fin = "venter";
    image.dataset.foer = image.currentSrc;
    for (let tries = 0; tries < 10 && image.isConnected; tries += 1) {
      performance.clearResourceTimings(); // they are few, and the next one must have room
      const finer = new Image();
      finer.src = `${base}/300`;
      if (await finer.decode().then(() => true, () => false)) {
        image.removeAttribute("srcset");
        image.src = finer.src;
        image.dataset.fin = "ja";
        return;
      }
      if (isRefused(finer.src)) return;
      await wait(1);
    }
    delete image.dataset.fin;
  };

  class Viewer extends EventTarget {
    constructor(paper) {
      super();
      this.paper = paper;
      this.left = paper.scrollLeft;
      this.top = paper.scrollTop;
      paper.addEventListener("scroll", () => {
        const moved = Math.abs(paper.scrollLeft - this.left) > 1 || Math.abs(paper.scrollTop - this.top) > 1;
        this.note();
        if (moved) this.tell();
      });
      paper.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
      paper.addEventListener("pointerdown", (event) => this.grab(event));
      paper.addEventListener("dragstart", (event) => event.preventDefault());
    }

    get sheets() { return [...this.paper.querySelectorAll(".sheet")].filter((sheet) => sheet.dataset.mm); }
    get first() { return this.sheets[0]?.querySelector("img"); }

    get pxPerMm() {
      const [sheet] = this.sheets;
      return sheet ? this.first.getBoundingClientRect().width / parseFloat(sheet.dataset.mm) : 0;
    }

    // Where a point of the window lies on the paper; the middle of what is seen by default.
    at(x, y) {
      const { paper, first, pxPerMm } = this;
      if (!first) return { x: 0, y: 0 };
      const box = paper.getBoundingClientRect();
      const sheet = first.getBoundingClientRect();
      const left = x ?? box.left + paper.clientLeft + paper.clientWidth / 2;
      // Where the page scrolls, only a part of the paper is seen.
      const from = box.bottom < 40 || box.top > innerHeight - 40 ? box.top : Math.max(box.top, 0);
      const to = Math.min(box.top + paper.clientTop + paper.clientHeight, Math.max(innerHeight, from));
      const top = y ?? (from + Math.max(to, from)) / 2;
      return { x: (left - sheet.left) / pxPerMm, y: (top - sheet.top) / pxPerMm };
    }

    get centre() { return this.at(); }

    moveTo(point, quiet) {
      const { centre, pxPerMm } = this;
      this.scroll((point.x - centre.x) * pxPerMm, (point.y - centre.y) * pxPerMm);
      if (!quiet) this.tell();
    }

    zoom(pxPerMm, quiet, x, y) {
      const before = this.at(x, y);
      const scale = Math.min(Math.max(pxPerMm, FULL / 4), FULL * 8);
      for (const sheet of this.sheets) {
        const image = sheet.querySelector("img");
        const width = parseFloat(sheet.dataset.mm) * scale;
        image.style.width = `${width}px`;
        suit(image, width);
        if (scale > FINE) refine(image);
      }
      this.paper.classList.add("zoomed");
      const after = this.at(x, y);
      this.scroll((before.x - after.x) * this.pxPerMm, (before.y - after.y) * this.pxPerMm);
      if (!quiet) this.tell();
    }

    fit(how, quiet) {
      this.paper.classList.remove("zoomed");
      this.paper.dataset.tilpas = how === "width" ? "bredde" : "side";
      for (const image of this.paper.querySelectorAll(".sheet img")) {
        image.style.removeProperty("width");
        suit(image, image.getBoundingClientRect().width);
      }
      this.note();
      if (!quiet) this.tell();
    }

    step(up) {
      const now = (this.pxPerMm / FULL) * 100;
      const next = up ? STEPS.find((step) => step > now + 0.5) : STEPS.findLast((step) => step < now - 0.5);
      if (next) this.zoom((next / 100) * FULL);
    }

    // A quarter of what is seen.
    pan(right, down) {
      this.scroll((right * this.paper.clientWidth) / 4, (down * this.paper.clientHeight) / 4);
      this.tell();
    }

    scroll(right, down) {
      this.paper.scrollLeft += right;
      this.paper.scrollTop += down;
      this.note();
    }

    note() {
      this.left = this.paper.scrollLeft;
      this.top = this.paper.scrollTop;
    }

    tell() { this.dispatchEvent(new Event("change")); }

    wheel(event) {
      if (!event.ctrlKey || !this.first) return;
      event.preventDefault(); // the paper alone grows, not the page around it
      this.zoom(this.pxPerMm * Math.exp(-event.deltaY * (event.deltaMode ? 0.05 : 0.002)), false, event.clientX, event.clientY);
    }

    // A mouse or a pen takes hold of the paper; fingers scroll it as they scroll everything.
    grab(event) {
      if (event.pointerType === "touch" || event.button || !event.target.closest(".sheet")) return;
      let { clientX, clientY } = event;
      const move = (on) => {
        this.scroll(clientX - on.clientX, clientY - on.clientY);
        ({ clientX, clientY } = on);
        this.tell();
      };
      const { paper } = this;
      paper.setPointerCapture(event.pointerId);
      paper.addEventListener("pointermove", move);
      paper.addEventListener("lostpointercapture", () => paper.removeEventListener("pointermove", move), { once: true });
    }
  }

  journal.FULL = FULL;
  journal.suit = (pane) => {
    for (const image of pane.querySelectorAll(".sheet img")) suit(image, image.getBoundingClientRect().width);
  };
  journal.viewer = (paper) => {
    if (!viewers.has(paper)) viewers.set(paper, new Viewer(paper));
    return viewers.get(paper);
  };
})();
