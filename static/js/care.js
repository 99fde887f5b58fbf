// Descriptions of municipal codes. They are popovers that their buttons open by themselves; this file puts them beside
// the button, and lets a resting pointer open them. They stay until Esc, "Luk" or a press elsewhere (WCAG 1.4.13).
// And paper: what is folded is printed too, and says when.
"use strict";
(() => {
  const REST = 300;
  const GAP = 8;

  const place = (popover, button) => {
    const at = button.getBoundingClientRect();
    const own = popover.getBoundingClientRect();
    const left = Math.max(GAP, Math.min(at.right - own.width, innerWidth - own.width - GAP));
    const below = at.bottom + own.height + GAP <= innerHeight;
    const top = below ? at.bottom : Math.max(GAP, at.top - own.height);
    popover.style.left = `${left}px`;
    popover.style.top = `${top}px`;
  };

  for (const button of document.querySelectorAll(".about")) {
    const popover = document.getElementById(button.getAttribute("popovertarget"));
    let timer = 0;
    let rested = false;
    popover.addEventListener("toggle", (event) => {
      if (event.newState !== "open") { rested = false; return; }
      popover.classList.add("placed");
      place(popover, button);
    });
    button.addEventListener("pointerenter", (event) => {
      if (event.pointerType !== "mouse") return;
      timer = setTimeout(() => {
        if (popover.matches(":popover-open")) return;
        popover.showPopover({ source: button });
        rested = true;
      }, REST);
    });
    button.addEventListener("pointerleave", () => clearTimeout(timer));
    button.addEventListener("click", (event) => {
      clearTimeout(timer);
      // The pointer has opened it already: a press keeps it. (Who closed it and presses at once comes before "toggle".)
      if (rested && popover.matches(":popover-open")) event.preventDefault();
      rested = false;
    });
    popover.addEventListener("click", (event) => { if (event.target.closest("a")) popover.hidePopover(); });
  }

  const print = document.querySelector("[data-udskriv]");
  print?.addEventListener("click", () => window.print());
  print?.classList.add("ready");

  const danish = new Intl.DateTimeFormat("da-DK", {
    day: "2-digit", month: "2-digit", year: "numeric", hour: "2-digit", minute: "2-digit", timeZone: "Europe/Copenhagen",
  });
  const now = () => {
    const part = Object.fromEntries(danish.formatToParts(new Date()).map(({ type, value }) => [type, value]));
    return `${part.day}.${part.month}.${part.year} kl. ${part.hour}.${part.minute}`;
  };
  let folded = [];
  addEventListener("beforeprint", () => {
    document.querySelector(".popover:popover-open")?.hidePopover(); // it would lie on top of every sheet
    folded = [...document.querySelectorAll(".panel details:not([open])")];
    for (const details of folded) details.open = true;
    for (const time of document.querySelectorAll("[data-udskrevet]")) time.textContent = now();
  });
  addEventListener("afterprint", () => { for (const details of folded.splice(0)) details.open = false; });
})();
