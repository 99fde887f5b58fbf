// Prints once every picture is there and decoded, so that no sheet leaves the printer without its curve. A page of the
// size of A4 is printed in full where a margin of its own is blank: the running line lies there, and on nothing else.
"use strict";
(() => {
  const desk = document.querySelector(".desk");
  const button = document.getElementById("udskriv");
  const status = document.getElementById("udskrift");
  if (!desk || !button || !status) return;
  const PAPER = 250; // what is lighter is blank
  const STRIP = [4, 10]; // millimetres from the edge that the line lies within

  // Whether this strip of the picture is blank, with a little room around the line.
  const isBlank = (image, mm, above) => {
    const perMm = image.naturalHeight / mm;
    const [from, to] = (above ? STRIP : STRIP.map((edge) => mm - edge).reverse()).map((edge) => Math.round(edge * perMm));
    const canvas = Object.assign(document.createElement("canvas"), { width: image.naturalWidth, height: to - from });
    const context = canvas.getContext("2d", { willReadFrequently: true });
    context.drawImage(image, 0, -from);
    return context.getImageData(0, 0, canvas.width, canvas.height).data.every((value) => value >= PAPER);
  };

  const inFull = (sheet) => {
    const image = sheet.querySelector("img");
    const [width, height] = sheet.dataset.hel.split("x");
    const mm = height * 25.4 / 96;
    const below = isBlank(image, mm, false);
    if (!below && !isBlank(image, mm, true)) return;
    sheet.classList.toggle("above", !below);
    image.setAttribute("width", width);
    image.setAttribute("height", height);
    sheet.querySelector(".reduced")?.remove();
  };

  // A long comment takes a cover over more than one page: the pages are counted as they will lie in the printer.
  const number = () => {
    const mm = desk.querySelector(".cover").offsetWidth / 210;
    const count = (part) => {
      if (!part.matches(".cover")) return 1;
      const inside = part.lastElementChild.getBoundingClientRect().bottom - part.getBoundingClientRect().top - 15 * mm;
      return Math.max(1, Math.ceil(inside / (267 * mm)));
    };
    const parts = [...desk.children].map((part) => ({ part, pages: count(part) }));
    const total = parts.reduce((sum, { pages }) => sum + pages, 0);
    let at = 1;
    let front = 1;
    for (const { part, pages } of parts) {
      if (part.matches(".cover")) front = at;
      for (const said of part.querySelectorAll(".front")) said.textContent = front;
      const told = part.querySelector(".numbers");
      told.textContent = told.dataset.ord.replace("%i", pages > 1 ? `${at}–${at + pages - 1}` : at).replace("%n", total);
      at += pages;
    }
  };

  const ready = async () => {
    const images = [...desk.querySelectorAll("img")];
    await Promise.all([document.fonts.ready, ...images.map((image) => image.decode())]);
    desk.querySelectorAll("[data-hel]").forEach(inFull);
    number();
  };
  const failed = () => {
    status.textContent = status.dataset.fejl;
    button.setAttribute("aria-disabled", "true");
  };
  const printing = ready();
  button.addEventListener("click", () => printing.then(() => print(), failed));
  printing.then(() => {
    status.textContent = status.dataset.klar;
    if (!document.querySelector("[data-venter]")) print();
  }, failed);
})();
