// The pictures that this document holds in memory: those on the screen, and the neighbours' once the reader has opened one.
// An element is moved from pane to pane, so that what has come is neither asked for nor decoded again.
"use strict";
(() => {
  const { journal } = globalThis;
  if (!journal) return;
  const PAGE = /^(.*\/side\/\d+)\/(\d+)$/;
  const held = new Map(); // by page of paper, whatever the resolution

  const page = (image) => image.getAttribute("src")?.replace(location.origin, "").match(PAGE)?.[1];
  const dots = (image) => Number((image?.dataset.foer || image?.currentSrc || image?.src)?.match(PAGE)?.[2]) || 0;
  const isBroken = (image) => image.complete && !image.naturalWidth;
  const images = (within) => [...within.querySelectorAll(".sheet img")];
  const firsts = (within) => [...within.querySelectorAll(".paper")].map((paper) => paper.querySelector(".sheet img")).filter(Boolean);

  const keep = (pane) => {
    for (const image of images(pane)) if (!isBroken(image)) held.set(page(image), image);
  };
  // What is on the screen is good for the next pane as it is; what is not must be as fine as that.
  const fit = (image, finest) => image && !isBroken(image) && (image.isConnected || dots(image) >= Math.min(finest, 150));

  // An element takes another's place. One that was fetched ahead gets its resolutions only now, of which its own is chosen.
  const takePlace = (image, { place, srcset, sizes }) => {
    for (const name of ["alt", "width", "height", "fetchpriority"]) {
      if (place.hasAttribute(name)) image.setAttribute(name, place.getAttribute(name));
      else image.removeAttribute(name);
    }
    image.style.removeProperty("width");
    if (srcset && !image.hasAttribute("srcset") && !image.dataset.fin) {
      image.sizes = sizes;
      image.srcset = dots(image) === 75 ? srcset : srcset.split(", ").at(-1);
    }
    place.replaceWith(image);
  };

  // The pictures of a pane that is to come: elements of its own, but for those that are here.
  journal.pictures = (old, found) => {
    keep(old);
    const [now] = firsts(old);
    const sizes = now?.srcset && now.sizes;
    const told = images(found).map((image) => {
      const here = held.get(page(image));
      const said = { srcset: image.getAttribute("srcset"), sizes: sizes || image.sizes };
      image.decoding = "sync";
      if (said.srcset && sizes) image.setAttribute("sizes", sizes);
      if (!fit(here, dots(now))) return said;
      image.removeAttribute("src"); // before it is an element of this document, which would ask for it
      image.removeAttribute("srcset");
      return { ...said, here };
    });
    let places = [];
    const real = (place) => told[places.indexOf(place)].here || place;
    return {
      made: () => {
        const pane = document.importNode(found, true);
        places = images(pane);
        told.forEach((each, n) => { each.place = places[n]; });
        return pane;
      },
      first: () => [...new Set(places.map((place) => place.closest(".paper")))].map((paper) => real(paper.querySelector(".sheet img"))),
      move: () => { for (const each of told) if (each.here) takePlace(each.here, each); },
    };
  };

  // The neighbours' pictures, as fine as the one that is read.
  journal.fetchAhead = () => {
    const pane = document.getElementById("laesepanel");
    const [now] = pane ? firsts(pane) : [];
    if (!dots(now)) return;
    keep(pane);
    const wanted = new Set(images(pane).map(page));
    for (const id of ["nyere", "aeldre"]) {
      const next = document.getElementById(id)?.dataset.billede;
      if (!next) continue;
      wanted.add(next);
      if (!fit(held.get(next), dots(now))) {
        held.set(next, Object.assign(new Image(), { decoding: "sync", src: `${next}/${Math.min(dots(now), 150)}` }));
      }
      held.get(next).decode().catch(() => {});
    }
    for (const each of held.keys()) if (!wanted.has(each)) held.delete(each);
  };
})();
