"use strict";

/*
 * Has the parts of a page fetch themselves anew when a stream of the log that they show has grown. A part names its
 * streams, or kinds of them, in data-live; it is told by an event "live", on which htmx acts.
 */
(() => {
  /* Between two looks of a part, at least. */
  const PAUSE = 500;
  /* So often all parts look by themselves while the master can't tell them. */
  const WITHOUT_WORD = 5000;
  /* A page that nobody has looked at for so long is told nothing until somebody does. */
  const OUT_OF_SIGHT = 60000;
  const ANY = "*";
  const due = new Map();
  let last = document.querySelector('meta[name="live-after"]')?.content;
  let source = null;
  let hiding = null;

  function shows(part, streams) {
    return streams.includes(ANY) || part.dataset.live.split(" ").map(decodeURIComponent).some(mine =>
      streams.some(grown =>
        grown === mine || grown.startsWith(mine + "/") || grown === mine.split("/")[0] + "/" + ANY));
  }

  function look(part) {
    const key = part.id || part.getAttribute("hx-get");
    if (due.has(key)) {
      due.get(key).again = true;
      return;
    }
    const pause = { again: false };
    due.set(key, pause);
    htmx.trigger(part, "live");
    setTimeout(() => {
      due.delete(key);
      /* It may have been put in the place of the one that looked. */
      const now = [...parts()].find(it => (it.id || it.getAttribute("hx-get")) === key);
      if (pause.again && now) {
        look(now);
      }
    }, PAUSE);
  }

  const parts = () => document.querySelectorAll("[data-live]");

  function hear(streams) {
    for (const part of parts()) {
      if (shows(part, streams)) {
        look(part);
      }
    }
  }

  function connect() {
    if (source || parts().length === 0) {
      return;
    }
    source = new EventSource("/live" + (last ? "?after=" + encodeURIComponent(last) : ""));
    source.addEventListener("open", () => document.documentElement.classList.remove("unheard"));
    source.addEventListener("error", () => document.documentElement.classList.add("unheard"));
    source.addEventListener("grown", event => {
      last = event.lastEventId;
      hear(JSON.parse(event.data));
    });
  }

  function disconnect() {
    source?.close();
    source = null;
  }

  document.addEventListener("visibilitychange", () => {
    clearTimeout(hiding);
    if (document.hidden) {
      hiding = setTimeout(disconnect, OUT_OF_SIGHT);
    } else {
      connect();
    }
  });

  setInterval(() => {
    if (!document.hidden && source && source.readyState !== EventSource.OPEN) {
      hear([ANY]);
      if (source.readyState === EventSource.CLOSED) {
        disconnect();
        connect();
      }
    }
  }, WITHOUT_WORD);

  connect();
})();
