"use strict";

/* Tells the times of the page in the reader's zone: "3 min ago", the date and the time, or both. */
(() => {
  const relative = new Intl.RelativeTimeFormat(undefined, { numeric: "always", style: "short" });
  const exact = new Intl.DateTimeFormat(undefined, {
    dateStyle: "medium", timeStyle: "medium", hourCycle: "h23",
  });
  const zoned = new Intl.DateTimeFormat(undefined, {
    year: "numeric", month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", second: "2-digit",
    hourCycle: "h23", timeZoneName: "short",
  });
  const ofDay = new Intl.DateTimeFormat(undefined, {
    hour: "2-digit", minute: "2-digit", second: "2-digit", fractionalSecondDigits: 3, hourCycle: "h23",
  });
  const minute = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  const zone = new Intl.DateTimeFormat(undefined, { timeZoneName: "short" });
  const day = new Intl.DateTimeFormat(undefined, { month: "short", day: "numeric" });
  const UNITS = [["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];

  function distance(at) {
    const seconds = Math.round((at - Date.now()) / 1000);
    const unit = UNITS.find(([, size]) => Math.abs(seconds) >= size);
    return unit ? relative.format(Math.trunc(seconds / unit[1]), unit[0]) : "now";
  }

  /* What has happened is not in the future, by whatever clock. */
  function told(time, at) {
    return distance(time.dataset.due === undefined ? Math.min(at, Date.now()) : at);
  }

  function text(time, at) {
    if (time.closest(".timeline")) {
      const isToday = at.toDateString() === new Date().toDateString();
      return (isToday ? "" : day.format(at) + ", ") + ofDay.format(at);
    }
    if (time.closest(".audit")) {
      return local(at).replace("T", " ");
    }
    return time.closest(".facts")
      ? exact.format(at) + ", " + told(time, at.getTime())
      : told(time, at.getTime());
  }

  /* As ISO 8601 has it, without the zone. */
  function local(at) {
    return new Date(at.getTime() - at.getTimezoneOffset() * 60000).toISOString().slice(0, -1);
  }

  /* Without scripts the page says UTC, of what it shows and of what it asks for. */
  function tellZone() {
    for (const name of document.querySelectorAll("[data-zone]")) {
      const words = "(" + zone.formatToParts().find(it => it.type === "timeZoneName").value + ")";
      if (name.textContent !== words) {
        name.textContent = words;
      }
    }
    for (const cell of document.querySelectorAll('td[data-label$=" (UTC)"]')) {
      cell.dataset.label = cell.dataset.label.replace(" (UTC)", "");
    }
    for (const input of document.querySelectorAll('input[data-moment]:not([type="datetime-local"])')) {
      const given = input.value;
      const at = new Date(given);
      input.type = "datetime-local";
      input.step = "any";
      if (!Number.isNaN(at.getTime())) {
        input.value = local(at);
      }
      const shown = input.value;
      /* What nobody has changed is sent as it came: it may be more exact than what is shown. */
      input.form.addEventListener("formdata", event => {
        if (input.value) {
          event.formData.set(input.name, input.value === shown ? given : new Date(input.value).toISOString());
        }
      });
    }
  }

  function tell() {
    for (const time of document.querySelectorAll("time[datetime]")) {
      const at = new Date(time.dateTime);
      if (!Number.isNaN(at.getTime())) {
        const words = text(time, at);
        /* Whoever marks a text would lose the mark. */
        if (time.textContent !== words) {
          time.textContent = words;
        }
        if (!time.title) {
          time.title = zoned.format(at);
        }
      }
    }
  }

  /* Those in pictures, which have room for little: the time, or of another day the date. */
  function tellInPictures() {
    const today = new Date().toDateString();
    for (const mark of document.querySelectorAll("text[data-at]")) {
      const at = new Date(mark.dataset.at);
      const words = (at.toDateString() === today ? minute : day).format(at);
      if (mark.textContent !== words) {
        mark.textContent = words;
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
    tellZone();
    tell();
    tellInPictures();
    move();
  }

  show();
  document.addEventListener("htmx:afterSettle", show);
  document.addEventListener("htmx:afterSwap", show);
  setInterval(show, 1000);
})();
