/* The visitor's choice of colours.

   It stands in the head and blocks, so the choice holds before anything is painted; pages are the
   same bytes for every visitor, so it cannot be in the page. It is kept in this browser and sent
   nowhere. Who is signed in has chosen in their settings: the page says so, and this rests. */
(() => {
  "use strict";
  const root = document.documentElement;
  if (root.dataset.theme) return;

  const read = () => {
    try {
      const kept = localStorage.getItem("theme");
      return kept === "light" || kept === "dark" ? kept : "system";
    } catch {
      return "system"; // storage is refused: the choice lasts as long as the page
    }
  };

  const keep = (choice) => {
    try {
      if (choice === "system") localStorage.removeItem("theme");
      else localStorage.setItem("theme", choice);
    } catch {
      /* as above */
    }
  };

  const show = (choice) => {
    if (choice === "system") delete root.dataset.theme;
    else root.dataset.theme = choice;
    for (const meta of document.querySelectorAll("meta[data-scheme]")) {
      const { scheme } = meta.dataset;
      meta.media =
        choice === "system" ? `(prefers-color-scheme: ${scheme})` : scheme === choice ? "all" : "not all";
    }
    for (const input of document.querySelectorAll(".themes input")) input.checked = input.value === choice;
  };

  show(read());
  root.dataset.themes = ""; // from here on the style sheet shows the switch

  document.addEventListener("DOMContentLoaded", () => show(read()));
  document.addEventListener("change", ({ target }) => {
    if (!target.matches(".themes input")) return;
    keep(target.value);
    show(target.value);
  });
  // Other tabs; pages the browser kept from before the choice; forms it filled in again.
  addEventListener("storage", () => show(read()));
  addEventListener("pageshow", () => show(read()));
})();
