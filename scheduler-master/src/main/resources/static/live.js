"use strict";

/*
 * Has the parts of a page fetch themselves anew when a stream of the log that they show has grown. A part names its
 * streams, or kinds of them, in data-live, and in data-every after how many seconds it looks in any case. It is told by
 * an event "live", on which htmx acts. A page that nobody sees is told nothing.
 */
(() => {
  /* Between two looks of a part, at least; the master says how long while it talks. */
  let pause = 500;
  /* All pages are told at once, and should not all look at once: up to so much of the pause later. */
  const SPREAD = 0.05;
  /* After a look that has failed, at first and at most. */
  const AFTER_FAILURE = 1000;
  const AFTER_FAILURES = 30000;
  /* Once the master is there again, all pages that wait after a failure look within so much. */
  const BACK_WITHIN = 1000;
  /* So often all parts look by themselves while the master can't tell them. */
  const WITHOUT_WORD = 5000;
  /* The master says something every 15 s. */
  const SILENCE = 45000;
  /* A page that is only just out of sight may come back. */
  const OUT_OF_SIGHT = 5000;
  /* A browser has six connections to one master for all of its pages: so many pages keep one, others look by themselves. */
  const PLACES = 4;
  /* A connection that is soon there again is nothing to speak of. */
  const SOON = 3000;
  const UNHEARD = "The master does not answer; what you see may be old.";
  const LOGGED_OUT = "You are no longer logged in; what you see may be old. Load the page again to log in.";
  const ANY = "*";

  /* By the part's address: since when it looks, whether it is to look again, how often it has failed, what it waits for. */
  const looks = new Map();
  /* By the same, when a part looked last by itself. */
  const lookedAt = new Map();
  let last = document.querySelector('meta[name="live-after"]')?.content;
  let source = null;
  /* Gives the place back. */
  let leavePlace = null;
  let isAskingForPlace = false;
  let connectedFor = "";
  let heard = 0;
  let lostSince = null;
  let isTroubled = false;
  let isLoggedOut = false;
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
    const begun = { since: Date.now(), again: false, failures: 0, isSent: false, resting: null };
    looks.set(key, begun);
    setTimeout(() => ask(key, begun), Math.random() * SPREAD * pause);
  }

  function ask(key, begun) {
    /* What was told until now is in what will come. */
    begun.again = false;
    const part = parts().find(it => address(it) === key);
    if (part) {
      htmx.trigger(part, "live");
    }
    if (!begun.isSent) {
      /* It was not ready to ask, and no answer will come. */
      begun.again = true;
      setTimeout(() => lookAgain(key), AFTER_FAILURE);
    }
  }

  document.addEventListener("htmx:beforeRequest", event => {
    const state = looks.get(event.detail.pathInfo?.requestPath);
    if (state) {
      state.isSent = true;
    }
  });

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
    isLoggedOut = event.detail.xhr?.status === 401;
    tellWhetherHeard();
    const rest = state.failures
      ? Math.min(AFTER_FAILURE * 2 ** (state.failures - 1), AFTER_FAILURES) * (0.5 + Math.random())
      : Math.max(0, pause * (0.5 + Math.random()) - (Date.now() - state.since));
    state.resting = setTimeout(() => lookAgain(key), rest);
  });

  /* Those that look meanwhile may be waiting for the answer of a master that is gone. */
  function lookSoonAfterFailure() {
    for (const [key, state] of looks) {
      if (state.failures > 0) {
        state.failures = Math.min(state.failures, 2);
        if (state.resting) {
          clearTimeout(state.resting);
          state.resting = setTimeout(() => lookAgain(key), Math.random() * BACK_WITHIN);
        }
      }
    }
  }

  function hear(streams) {
    for (const part of parts()) {
      if (streams.includes(ANY) || shown(part).some(mine => streams.some(grown => isOf(grown, mine)))) {
        look(part);
      }
    }
  }

  function hearOfTrouble(isSo) {
    if (isTroubled && !isSo) {
      lookSoonAfterFailure();
    }
    isTroubled = isSo;
  }

  function tellWhetherHeard() {
    const isUnheard = isTroubled
      || (lostSince !== null && Date.now() - lostSince > SOON)
      || [...looks.values()].some(it => it.failures > 1);
    const note = document.getElementById("unheard");
    const text = isLoggedOut ? LOGGED_OUT : isUnheard ? UNHEARD : "";
    if (note && note.textContent !== text) {
      note.textContent = text;
    }
  }

  function connect() {
    const wanted = [...new Set(parts().flatMap(shown))].sort();
    if (wanted.length === 0) {
      letGo();
      lostSince = null;
      isTroubled = false;
      tellWhetherHeard();
      return;
    }
    if (document.hidden || (source && connectedFor === wanted.join())) {
      return;
    }
    if (!leavePlace) {
      askForPlace();
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
    source.addEventListener("open", () => {
      lostSince = null;
      lookSoonAfterFailure();
    });
    source.addEventListener("error", () => { lostSince ??= Date.now(); });
    source.addEventListener("alive", event => {
      heard = Date.now();
      last = event.lastEventId || last;
      hearOfTrouble(event.data === "troubled");
    });
    source.addEventListener("grown", event => {
      heard = Date.now();
      last = event.lastEventId;
      hearOfTrouble(false);
      const grown = JSON.parse(event.data);
      pause = grown.pause;
      hear(grown.streams);
    });
  }

  function askForPlace() {
    if (!navigator.locks) {
      /* Browsers have none where the address is neither https nor of this machine. */
      leavePlace = () => {};
      connect();
    } else if (!isAskingForPlace) {
      isAskingForPlace = true;
      askForPlaceOf(1);
    }
  }

  function askForPlaceOf(number) {
    if (number > PLACES) {
      isAskingForPlace = false;
      return;
    }
    navigator.locks.request("live-" + number, { ifAvailable: true }, lock => {
      if (!lock) {
        askForPlaceOf(number + 1);
        return null;
      }
      isAskingForPlace = false;
      if (document.hidden) {
        return null;
      }
      return new Promise(leave => {
        leavePlace = leave;
        connect();
      });
    });
  }

  function letGo() {
    disconnect();
    leavePlace?.();
    leavePlace = null;
  }

  function disconnect() {
    source?.close();
    source = null;
  }

  function comeAndGo() {
    clearTimeout(hiding);
    if (document.hidden) {
      hiding = setTimeout(letGo, OUT_OF_SIGHT);
    } else {
      connect();
    }
  }

  document.addEventListener("visibilitychange", comeAndGo);
  window.addEventListener("pagehide", letGo);
  window.addEventListener("pageshow", comeAndGo);
  window.addEventListener("online", () => { disconnect(); connect(); });
  /* A new part may show more than the one in whose place it is. */
  document.addEventListener("htmx:afterSettle", connect);

  setInterval(() => {
    if (document.hidden) {
      return;
    }
    if (!leavePlace) {
      hear([ANY]);
      connect();
      return;
    }
    if (!source) {
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
    tellWhetherHeard();
    for (const part of parts()) {
      const every = Number(part.dataset.every ?? 0) * 1000;
      const key = address(part);
      if (!lookedAt.has(key)) {
        lookedAt.set(key, Date.now());
      }
      if (every > 0 && !document.hidden && Date.now() - lookedAt.get(key) >= every) {
        lookedAt.set(key, Date.now());
        look(part);
      }
    }
  }, 1000);

  /* Whoever is on a link of a part that is made anew stays on it. */
  let focused = null;
  document.addEventListener("htmx:beforeSwap", event => {
    const active = document.activeElement;
    focused = event.detail.target.contains(active)
      ? { href: active.getAttribute("href"), key: address(event.detail.target) }
      : null;
  });
  document.addEventListener("htmx:afterSettle", () => {
    if (focused?.href && document.activeElement === document.body) {
      const part = parts().find(it => address(it) === focused.key) ?? document;
      part.querySelector('a[href="' + CSS.escape(focused.href) + '"]')?.focus({ preventScroll: true });
    }
    focused = null;
  });

  connect();
})();
