"use strict";
(() => {
  const form = document.getElementById("filter");
  const open = () => {
    const found = /^#i\d+$/.test(location.hash) && document.getElementById(location.hash.slice(1));
    if (found) {
      found.open = true;
      found.scrollIntoView();
    }
  };
  addEventListener("hashchange", open);
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = [...document.querySelectorAll("details:not([open])")];
    closed.forEach((one) => { one.open = true; });
  });
  addEventListener("afterprint", () => closed.forEach((one) => { one.open = false; }));
  open();
  if (!form) return;
  const rows = [...document.querySelectorAll("table.incidents tbody tr")].map((row) => ({
    row,
    severity: row.cells[1].textContent.trim(),
    check: row.cells[2].querySelector("b").textContent.split(".")[0].trim(),
    state: row.cells[4].textContent.split(",")[0].trim(),
    text: row.textContent.toLowerCase(),
  }));
  const shown = document.getElementById("shown");
  const filter = () => {
    const wanted = Object.fromEntries(new FormData(form));
    const words = wanted.text.toLowerCase().split(/\s+/).filter(Boolean);
    let number = 0;
    for (const one of rows) {
      const fits = ["severity", "check", "state"].every((name) => !wanted[name] || wanted[name] === one[name])
        && words.every((word) => one.text.includes(word));
      one.row.hidden = !fits;
      number += fits;
    }
    shown.textContent = `${number.toLocaleString("en")} of ${rows.length.toLocaleString("en")} shown`;
  };
  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(filter));
  form.hidden = false;
  filter();
})();
