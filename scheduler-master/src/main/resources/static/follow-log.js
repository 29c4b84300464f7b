"use strict";

/*
 * Shows of each log of a build a part: more of it comes where a reader comes to its beginning or end, and a log that is
 * still written is followed at its end, until the build is over and while somebody sees the page.
 */
(() => {
  /* Between two looks while something comes; what is silent is looked at less and less often. */
  const PAUSE = 400;
  const LONGEST_PAUSE = 2000;
  const AFTER_FAILURES = 30000;
  /* So often after the build's end: the logs of a killed master stay as they are. */
  const LOOKS_AFTER_END = 25;
  /* Lines that are asked for at once. */
  const PAGE = 1000;
  /* Lines before one that a link leads to. */
  const BEFORE = 300;
  /* Of each log; what is more goes at the end where the reader is not. */
  const LINES_KEPT = 20000;
  /* A longer line is shown in several. */
  const LINE_KEPT = 1024 * 1024;
  const LONGEST_SEARCH = 100;
  const logs = document.getElementById("logs");
  const hidden = logs.dataset.hidden === "true";
  const all = [];
  let looksAfterEnd = 0;
  let isOver = false;
  let pause = PAUSE;
  let wanted = "";

  async function get(address, type) {
    /* By this header the master knows what all pages of a build share. */
    const answer = await fetch(address, { headers: { Accept: type, "HX-Request": "true" } });
    if (!answer.ok) {
      throw new Error(answer.status + " " + address);
    }
    return answer;
  }

  function make(tag, attributes, ...inside) {
    const made = document.createElement(tag);
    Object.entries(attributes).forEach(([name, value]) => made.setAttribute(name, value));
    made.append(...inside);
    return made;
  }

  const isAbove = (element, text) => element.getBoundingClientRect().bottom <= text.getBoundingClientRect().top;
  const isBelow = (element, text) => element.getBoundingClientRect().top >= text.getBoundingClientRect().bottom;
  const link = line => line.querySelector(".at");
  const number = line => Number(link(line).dataset.number);

  class Log {
    constructor(article) {
      this.article = article;
      this.text = article.querySelector("pre");
      this.step = article.dataset.step;
      this.name = article.dataset.name;
      this.address = "/" + this.step + "/" + encodeURIComponent(this.name);
      this.anchor = "L" + this.step + "-" + this.name.replace(/[^A-Za-z0-9_.]/gu, "_") + "-";
      this.first = Number(article.dataset.first);
      this.next = Number(article.dataset.next);
      this.isWritten = article.dataset.written === "true";
      this.hasMore = article.dataset.more === "true";
      this.follows = this.isWritten;
      /* Whether the reader has said so, and not where it is scrolled to. */
      this.isHeld = false;
      this.top = 0;
      this.offered = null;
      this.reading = Promise.resolve();
      this.earlier = make("button", { type: "button" }, "Earlier lines");
      this.later = make("button", { type: "button" }, "More lines");
      this.toggle = make("button", { type: "button", class: "follow" }, "Follow");
      this.text.before(this.earlier);
      this.text.after(this.later);
      /* By these it is seen that a reader has come to where more can be. */
      this.head = make("span", { class: "edge" });
      this.tail = make("span", { class: "edge" });
      this.text.prepend(this.head);
      this.text.append(this.tail);
      article.querySelector("form").before(this.toggle);
      this.update();
      if (this.follows) {
        this.toEnd();
      }
      this.earlier.addEventListener("click", () => this.readBack());
      this.later.addEventListener("click", () => this.readOn());
      this.toggle.addEventListener("click", () => this.switchFollowing());
      this.text.addEventListener("scroll", () => this.scrolled());
      this.text.addEventListener("keydown", event => this.keyed(event));
      this.text.addEventListener("focusin", event => event.target.matches(".at") && this.offer(event.target));
      near.observe(this.head);
      near.observe(this.tail);
    }

    update() {
      const had = document.activeElement;
      this.earlier.hidden = this.first === 0;
      this.later.hidden = !this.hasMore && (!this.isWritten || this.follows);
      this.head.hidden = this.earlier.hidden;
      this.tail.hidden = this.later.hidden;
      this.toggle.hidden = !this.isWritten || isOver;
      this.toggle.setAttribute("aria-pressed", this.follows);
      if (had?.hidden && this.article.contains(had)) {
        this.text.focus({ preventScroll: true });
      }
    }

    /* One after another. What fails is told, and does not keep the next one from being tried. */
    queue(read) {
      const done = this.reading.then(read).then(
        result => {
          this.note("");
          return result;
        },
        e => {
          this.note("More of this log can't be read now.");
          console.warn(e);
          return false;
        });
      this.reading = done;
      return done;
    }

    note(words) {
      let told = this.article.querySelector("p.problem");
      if (!told && words) {
        told = make("p", { class: "problem", role: "status" });
        this.text.before(told);
      }
      if (told && told.textContent !== words) {
        told.textContent = words;
      }
    }

    /* The master makes the lines, as it has made those of the page. */
    async fetch(query) {
      const answer = await get(logs.dataset.build + "/lines" + this.address + "?" + new URLSearchParams(query), "text/html");
      const made = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-next]");
      return {
        lines: [...made.children],
        first: Number(made.dataset.first),
        next: Number(made.dataset.next),
        isWritten: made.dataset.written === "true",
        hasMore: made.dataset.more === "true",
      };
    }

    /* The parts of a long line are one. */
    add(lines, before) {
      for (const line of lines) {
        if (!this.join(before.previousElementSibling, line)) {
          before.before(document.adoptNode(line));
        }
      }
    }

    join(last, line) {
      if (last?.dataset.partial !== "true" || last.classList[0] !== line.classList[0]
          || last.textContent.length >= LINE_KEPT) {
        return false;
      }
      last.dataset.partial = line.dataset.partial ?? "false";
      last.classList.toggle("wanted", last.matches(".wanted") || line.matches(".wanted"));
      link(line).remove();
      last.append(...line.childNodes);
      return true;
    }

    lines() {
      return this.text.querySelectorAll("code");
    }

    end(page) {
      this.next = page.next;
      this.isWritten = page.isWritten;
      this.hasMore = page.hasMore;
    }

    append(page) {
      this.add(page.lines, this.tail);
      this.end(page);
      this.keepPlace(() => {
        const lines = this.lines();
        const left = lines.length - LINES_KEPT;
        if (left > 0) {
          this.first = number(lines[left]) - 1;
          [...lines].slice(0, left).forEach(line => line.remove());
        }
        this.update();
      });
    }

    prepend(lines, first) {
      this.keepPlace(() => {
        const before = this.head.nextElementSibling;
        this.add(lines, before);
        if (before !== this.tail && this.join(before.previousElementSibling, before)) {
          before.remove();
        }
        this.first = first;
        this.update();
      });
      const kept = [...this.lines()];
      if (kept.length > LINES_KEPT) {
        this.next = number(kept[LINES_KEPT]) - 1;
        this.hasMore = true;
        this.follows = false;
        kept.slice(LINES_KEPT).forEach(line => line.remove());
        this.update();
      }
    }

    /* In the place of what is there. */
    show(page) {
      this.lines().forEach(line => line.remove());
      this.add(page.lines, this.tail);
      this.first = page.first;
      this.end(page);
      this.update();
    }

    /* The reader sees the same lines, whatever comes and goes before them. */
    keepPlace(change) {
      const was = this.text.scrollHeight;
      change();
      this.text.scrollTop += this.text.scrollHeight - was;
      this.top = this.text.scrollTop;
    }

    toEnd() {
      this.text.scrollTop = this.text.scrollHeight;
      this.top = this.text.scrollTop;
    }

    /* If the edge is still seen after that, there is room for more. */
    lookAgain(edge) {
      near.unobserve(edge);
      near.observe(edge);
    }

    readBack() {
      return this.queue(async () => {
        if (this.first === 0) {
          return;
        }
        const first = Math.max(0, this.first - PAGE);
        const lines = [];
        let from = first;
        while (from < this.first) {
          const page = await this.fetch({ from, limit: this.first - from });
          if (page.next === from) {
            throw new Error("no line " + (from + 1));
          }
          lines.push(...page.lines);
          from = page.next;
        }
        this.prepend(lines, first);
        if (this.follows) {
          this.toEnd();
        }
        this.lookAgain(this.head);
      });
    }

    readOn() {
      return this.queue(async () => {
        const page = await this.fetch({ from: this.next });
        this.append(page);
        if (page.lines.length > 0) {
          this.lookAgain(this.tail);
        }
      });
    }

    /* Whether something came. What has run far ahead is not caught up with line by line. */
    follow() {
      return this.queue(async () => {
        if (!this.follows) {
          return false;
        }
        const page = await this.fetch({ from: this.next });
        const last = page.hasMore && this.follows ? await this.fetch({ last: true }) : null;
        /* Who has scrolled away meanwhile stays there. */
        const stays = this.follows;
        if (last && stays) {
          this.show(last);
        } else {
          this.append(page);
        }
        this.follows &&= this.isWritten;
        this.update();
        if (stays) {
          this.toEnd();
        }
        return page.lines.length > 0;
      });
    }

    /* It grows no more, by what the list of logs says. */
    finish() {
      if (this.isWritten && !this.follows) {
        this.isWritten = false;
        this.hasMore = true;
        this.update();
      }
    }

    switchFollowing() {
      this.follows = !this.follows;
      this.isHeld = !this.follows;
      this.update();
      this.follow();
    }

    scrolled() {
      const isAtEnd = this.text.scrollTop + this.text.clientHeight >= this.text.scrollHeight - 8;
      const follows = this.follows
        ? isAtEnd || this.text.scrollTop >= this.top
        : isAtEnd && this.isWritten && !this.hasMore && !this.isHeld && !isOver;
      this.top = this.text.scrollTop;
      if (follows !== this.follows) {
        this.follows = follows;
        this.update();
      }
    }

    comesNear(edge) {
      if (edge === this.head) {
        this.readBack();
      } else if (!this.isHeld || this.hasMore) {
        this.readOn();
      }
    }

    /* Goes to a line that a link leads to, wherever it is; one that is still to be written is waited for. */
    seek(wantedNumber) {
      return this.queue(async () => {
        const index = wantedNumber - 1;
        if (index < this.first || (index >= this.next && this.hasMore)) {
          let page = await this.fetch({ from: Math.max(0, index - BEFORE) });
          if (page.next <= index) {
            page = await this.fetch({ from: index });
          }
          if (page.lines.length === 0) {
            return;
          }
          this.follows = false;
          this.show(page);
        }
        if (index < this.next) {
          wanted = "";
          this.mark([...this.lines()].findLast(line => number(line) <= wantedNumber));
        }
      });
    }

    mark(line) {
      if (!line) {
        return;
      }
      this.follows = false;
      this.isHeld = true;
      this.update();
      logs.querySelector("code.wanted")?.classList.remove("wanted");
      line.classList.add("wanted");
      line.scrollIntoView({ block: "center" });
      this.offer(link(line));
    }

    /* Of the links to lines one can be reached by keyboard, and the others from it. */
    offer(at) {
      const old = this.offered;
      if (old === at) {
        return;
      }
      this.offered = at;
      at.tabIndex = 0;
      at.removeAttribute("aria-hidden");
      at.setAttribute("aria-label", "line " + at.dataset.number);
      if (old) {
        old.tabIndex = -1;
        old.setAttribute("aria-hidden", "true");
        old.removeAttribute("aria-label");
      }
    }

    keyed(event) {
      if (event.key === "Tab" && !event.shiftKey && event.target === this.text) {
        /* Not to where it was before: the reader has scrolled on. */
        const isSeen = this.offered?.isConnected && !isAbove(this.offered, this.text) && !isBelow(this.offered, this.text);
        const line = isSeen ? null : [...this.lines()].find(it => !isAbove(it, this.text));
        if (line) {
          this.offer(link(line));
        }
      } else if (event.target.matches(".at") && ["ArrowUp", "ArrowDown"].includes(event.key)) {
        const line = event.target.parentElement;
        const other = event.key === "ArrowUp" ? line.previousElementSibling : line.nextElementSibling;
        event.preventDefault();
        if (other.matches("code")) {
          /* It must be to be seen before it has the focus. */
          link(other).removeAttribute("aria-hidden");
          link(other).focus();
        }
      }
    }
  }

  const near = new IntersectionObserver(seen => seen.filter(it => it.isIntersecting).forEach(it =>
    all.find(log => log.article.contains(it.target))?.comesNear(it.target)));

  function find(log) {
    return all.find(it => it.step === String(log.step) && it.name === log.name);
  }

  function add(log) {
    document.getElementById("no-log")?.remove();
    const address = "/" + log.step + "/" + encodeURIComponent(log.name);
    const title = make("h3", {},
      "Step " + log.step + " ", make("span", { class: "step-name" }), " ", make("span", { class: "quiet" }, log.name));
    /* A step is linked to by the first of its logs. */
    if (!document.getElementById("step-" + log.step)) {
      title.id = "step-" + log.step;
    }
    const text = logs.dataset.build + "/text" + address;
    const article = make("article", {
      "class": "log", "data-step": log.step, "data-name": log.name, "data-first": 0, "data-next": 0,
      "data-written": !log.complete, "data-more": log.complete,
    },
    make("div", { class: "log-top" },
      title,
      make("a", { class: "quiet", href: text }, "as text"),
      make("a", { class: "quiet", href: text + "?download=true" }, "download"),
      make("form", { action: logs.dataset.build + "/search" + address }, make("input", {
        "type": "search", "name": "q", "maxlength": LONGEST_SEARCH, "placeholder": "Search this log",
        "aria-label": "Search log " + log.name + " of step " + log.step,
      }))),
    make("pre", { "tabindex": 0, "role": "region", "aria-label": "log " + log.name + " of step " + log.step }));
    logs.append(article);
    const added = new Log(article);
    all.push(added);
    if (log.complete) {
      added.readOn();
    }
  }

  /* Whether a step is hidden is known at its end. */
  function remove(log) {
    const known = find(log);
    if (known) {
      all.splice(all.indexOf(known), 1);
      known.article.remove();
    }
  }

  /* A log may come before it is written that its step has begun. */
  function refresh(log) {
    const known = find(log);
    known.article.querySelector(".step-name").textContent = log.stepName ?? "";
    if (log.complete) {
      known.finish();
    }
  }

  async function reach() {
    const log = wanted && all.find(
      it => wanted.startsWith(it.anchor) && /^[1-9][0-9]{0,14}$/.test(wanted.slice(it.anchor.length)));
    if (log) {
      await log.seek(Number(wanted.slice(log.anchor.length)));
    }
  }

  function want() {
    wanted = location.hash.startsWith("#L") ? location.hash.slice(1) : "";
    return reach();
  }

  function seen() {
    return document.hidden
      ? new Promise(resolve => document.addEventListener("visibilitychange", resolve, { once: true }))
      : Promise.resolve();
  }

  function tell(words) {
    const behind = document.getElementById("log-behind");
    if (behind.textContent !== words) {
      behind.textContent = words;
    }
  }

  async function look() {
    try {
      const found = await (await get(logs.dataset.list, "application/json")).json();
      const shown = found.logs.filter(log => hidden || !log.hidden);
      found.logs.filter(log => !shown.includes(log)).forEach(remove);
      shown.filter(log => !find(log)).forEach(add);
      shown.forEach(refresh);
      await reach();
      const haveGrown = await Promise.all(all.map(log => log.follow()));
      await reach();
      looksAfterEnd += found.finished ? 1 : 0;
      /* What pages share may be a second old: each log has to have said so, too. */
      isOver = (found.complete && !all.some(log => log.follows)) || looksAfterEnd > LOOKS_AFTER_END;
      pause = haveGrown.includes(true) ? PAUSE : Math.min(pause * 1.5, LONGEST_PAUSE);
      tell("");
    } catch (e) {
      /* The master is away; the page says so and goes on asking. */
      pause = Math.min(pause * 2, AFTER_FAILURES);
      tell("The master does not answer; this log may be old.");
      console.warn(e);
    }
    if (isOver) {
      all.forEach(log => {
        log.follows = false;
        log.update();
      });
    } else {
      setTimeout(() => seen().then(look), pause);
    }
  }

  logs.querySelectorAll(".log").forEach(article => all.push(new Log(article)));
  window.addEventListener("hashchange", want);
  want();
  look();
})();
