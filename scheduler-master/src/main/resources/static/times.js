"use strict";

/* Turns the times of the page from UTC into "3 min ago" or "in 3 min", with the local time on hover. */
(() => {
  const relative = new Intl.RelativeTimeFormat(undefined, { numeric: "auto", style: "short" });
  const UNITS = [["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];

  function distance(at) {
    const seconds = Math.round((at - Date.now()) / 1000);
    const [unit, size] = UNITS.find(([, size]) => Math.abs(seconds) >= size) ?? UNITS[3];
    return relative.format(Math.trunc(seconds / size), unit);
  }

  /* What has happened is not in the future, by whatever clock. */
  function told(time, at) {
    return distance(time.dataset.due === undefined ? Math.min(at, Date.now()) : at);
  }

  function tell() {
    for (const time of document.querySelectorAll("time[datetime]")) {
      const at = new Date(time.dateTime);
      if (!Number.isNaN(at.getTime())) {
        time.title = at.toLocaleString();
        time.textContent = time.closest(".timeline")
          ? at.toLocaleTimeString(undefined, { hour12: false }) + "." + String(at.getMilliseconds()).padStart(3, "0")
          : told(time, at.getTime());
      }
    }
  }

  /* How far a build is, by how long such builds take; what takes longer is never quite done. */
  function move() {
    for (const bar of document.querySelectorAll("progress[data-usually]")) {
      const gone = Date.now() - new Date(bar.dataset.since).getTime();
      bar.value = Math.max(0, Math.min(gone / Math.max(1, bar.dataset.usually), 0.97));
    }
  }

  function show() {
    tell();
    move();
  }

  show();
  document.addEventListener("htmx:afterSettle", show);
  document.addEventListener("htmx:afterSwap", show);
  setInterval(show, 1000);
})();
