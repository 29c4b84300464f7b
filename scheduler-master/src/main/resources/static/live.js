"use strict";

/*
 * Has the parts of a page fetch themselves anew when a stream of the log that they show has grown. A part names its
 * streams, or kinds of them, in data-live, and in data-every after how many seconds it looks in any case. It is told by
 * an event "live", on which htmx acts. A page that nobody sees is told nothing.
 */
(() => {
  /* Between two looks of a part, at least; the master says how long while it talks. */
  let pause = 500;
  /* After a look that has failed, at first and at most. */
  const AFTER_FAILURE = 1000;
  const AFTER_FAILURES = 30000;
  /* So often all parts look by themselves while the master can't tell them. */
  const WITHOUT_WORD = 5000;
  /* The master says something every 15 s. */
  const SILENCE = 45000;
  /* A page that is only just out of sight may come back. */
  const OUT_OF_SIGHT = 5000;
  const ANY = "*";

  /* By the part's address: since when it looks, whether it is to look again, how often it has failed. */
  const looks = new Map();
  let last = document.querySelector('meta[name="live-after"]')?.content;
  let source = null;
  let connectedFor = "";
  let heard = 0;
  let hiding = null;

  const parts = () => [...document.querySelectorAll("[data-live]")];
  const address = part => part.getAttribute("hx-get");
  const shown = part => part.dataset.live.split(" ").map(decodeURIComponent);
  const kind = stream => stream.split("/")[0];

  function isOf(grown, mine) {
    return grown === mine || kind(grown) === mine || grown === kind(mine) + "/" + ANY;
  }

  function look(part) {
    const key = address(part);
    const state = looks.get(key);
    if (state) {
      state.again = true;
      return;
    }
    looks.set(key, { since: Date.now(), again: false, failures: 0 });
    htmx.trigger(part, "live");
  }

  /* A part may have been put in the place of the one that looked. */
  function lookAgain(key) {
    const state = looks.get(key);
    looks.delete(key);
    const part = parts().find(it => address(it) === key);
    if (part && (state.again || state.failures > 0)) {
      look(part);
      looks.get(key).failures = state.failures;
    }
  }

  /* Not before it has ended: what grows meanwhile may be missing in what it brings. */
  document.addEventListener("htmx:afterRequest", event => {
    const key = event.detail.pathInfo?.requestPath;
    const state = looks.get(key);
    if (!state) {
      return;
    }
    state.failures = event.detail.successful ? 0 : state.failures + 1;
    const rest = state.failures
      ? Math.min(AFTER_FAILURE * 2 ** (state.failures - 1), AFTER_FAILURES) * (0.5 + Math.random())
      : Math.max(0, pause - (Date.now() - state.since));
    setTimeout(() => lookAgain(key), rest);
  });

  function hear(streams) {
    for (const part of parts()) {
      if (streams.includes(ANY) || shown(part).some(mine => streams.some(grown => isOf(grown, mine)))) {
        look(part);
      }
    }
  }

  function tellWhetherHeard(isHeard) {
    const note = document.getElementById("unheard");
    if (note && note.hidden !== isHeard) {
      note.hidden = isHeard;
    }
  }

  function connect() {
    const wanted = [...new Set(parts().flatMap(shown))].sort();
    if (document.hidden || wanted.length === 0 || (source && connectedFor === wanted.join())) {
      return;
    }
    disconnect();
    const query = new URLSearchParams(wanted.map(it => ["shows", it]));
    if (last) {
      query.set("after", last);
    }
    connectedFor = wanted.join();
    heard = Date.now();
    source = new EventSource("/live?" + query);
    source.addEventListener("open", () => tellWhetherHeard(true));
    source.addEventListener("error", () => tellWhetherHeard(false));
    source.addEventListener("alive", () => { heard = Date.now(); });
    source.addEventListener("grown", event => {
      heard = Date.now();
      last = event.lastEventId;
      const grown = JSON.parse(event.data);
      pause = grown.pause;
      hear(grown.streams);
    });
  }

  function disconnect() {
    source?.close();
    source = null;
  }

  function comeAndGo() {
    clearTimeout(hiding);
    if (document.hidden) {
      hiding = setTimeout(disconnect, OUT_OF_SIGHT);
    } else {
      connect();
    }
  }

  document.addEventListener("visibilitychange", comeAndGo);
  window.addEventListener("pagehide", disconnect);
  window.addEventListener("pageshow", comeAndGo);
  window.addEventListener("online", () => { disconnect(); connect(); });
  /* A new part may show more than the one in whose place it is. */
  document.addEventListener("htmx:afterSettle", connect);

  setInterval(() => {
    if (document.hidden || !source) {
      return;
    }
    if (source.readyState === EventSource.CLOSED || Date.now() - heard > SILENCE) {
      disconnect();
      connect();
    }
    if (source?.readyState !== EventSource.OPEN) {
      hear([ANY]);
    }
  }, WITHOUT_WORD);

  setInterval(() => {
    for (const part of parts()) {
      const every = Number(part.dataset.every ?? 0) * 1000;
      if (every > 0 && !document.hidden && Date.now() - (part.lookedAt ?? performance.timeOrigin) >= every) {
        part.lookedAt = Date.now();
        look(part);
      }
    }
  }, 1000);

  /* Whoever is on a link of a part that is made anew stays on it. */
  let focused = null;
  document.addEventListener("htmx:beforeSwap", event => {
    const active = document.activeElement;
    focused = event.detail.target.contains(active) ? active.getAttribute("href") : null;
  });
  document.addEventListener("htmx:afterSettle", () => {
    if (focused !== null && document.activeElement === document.body) {
      document.querySelector('a[href="' + CSS.escape(focused) + '"]')?.focus({ preventScroll: true });
    }
    focused = null;
  });

  connect();
})();
