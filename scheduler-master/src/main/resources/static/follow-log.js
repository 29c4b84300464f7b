"use strict";

/* Reads on in the logs of a build until it has ended and its logs are complete, while somebody sees the page. */
(() => {
  /* Between two looks while something comes; what is silent is looked at less and less often. */
  const PAUSE = 400;
  const LONGEST_PAUSE = 2000;
  const AFTER_FAILURES = 30000;
  /* So often after the build's end: the logs of a killed master stay as they are. */
  const LOOKS_AFTER_END = 25;
  const LINES_KEPT = 20000;
  /* A longer line is shown in several. */
  const LINE_KEPT = 1024 * 1024;
  const logs = document.getElementById("logs");
  const list = logs.dataset.list;
  const hidden = logs.dataset.hidden === "true";
  let looksAfterEnd = 0;
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

  /* The master makes the lines, as it has made those of the page. */
  async function moreLines(article) {
    const answer = await get(
      logs.dataset.lines + "/" + article.dataset.step + "/" + encodeURIComponent(article.dataset.name)
        + "?from=" + article.dataset.next,
      "text/html");
    const made = new DOMParser().parseFromString(await answer.text(), "text/html");
    return made.querySelector("[data-next]");
  }

  function find(log) {
    return [...logs.querySelectorAll(".log")].find(
      article => article.dataset.step === String(log.step) && article.dataset.name === log.name);
  }

  function add(log) {
    document.getElementById("no-log")?.remove();
    const article = document.createElement("article");
    article.className = "log";
    article.dataset.step = log.step;
    article.dataset.name = log.name;
    article.dataset.next = 0;
    article.dataset.complete = false;
    const title = document.createElement("h3");
    /* A step is linked to by the first of its logs. */
    if (!document.getElementById("step-" + log.step)) {
      title.id = "step-" + log.step;
    }
    const step = document.createElement("span");
    step.className = "step-name";
    const name = document.createElement("span");
    name.className = "quiet";
    name.textContent = log.name;
    title.append("Step " + log.step + " ", step, " ", name);
    const whole = document.createElement("a");
    whole.className = "quiet";
    whole.href = logs.dataset.text + "/" + log.step + "/" + encodeURIComponent(log.name);
    whole.textContent = "as text";
    title.append(" ", whole);
    const text = document.createElement("pre");
    text.tabIndex = 0;
    text.setAttribute("role", "region");
    text.setAttribute("aria-label", "log " + log.name + " of step " + log.step);
    article.append(title, text);
    logs.append(article);
  }

  /* A log may come before it is written that its step has begun. */
  function nameStep(log) {
    find(log).querySelector(".step-name").textContent = log.stepName ?? "";
  }

  function append(text, lines) {
    const atEnd = text.scrollTop + text.clientHeight >= text.scrollHeight - 8;
    for (const line of [...lines]) {
      const last = text.lastElementChild;
      if (last?.dataset.partial === "true" && last.className === line.className
          && last.textContent.length < LINE_KEPT) {
        last.dataset.partial = line.dataset.partial ?? "false";
        line.querySelector(".at").remove();
        last.append(...line.childNodes);
      } else {
        text.append(document.adoptNode(line));
      }
    }
    let left = 0;
    while (text.childElementCount > LINES_KEPT) {
      text.firstElementChild.remove();
      left++;
    }
    if (left > 0) {
      tellOfLeft(text.parentElement);
    }
    if (atEnd) {
      text.scrollTop = text.scrollHeight;
    }
    reach();
  }

  /* A link may lead to a line that is not there yet. */
  function reach() {
    const line = wanted && document.getElementById(wanted);
    if (line) {
      wanted = "";
      logs.querySelector("code.wanted")?.classList.remove("wanted");
      line.classList.add("wanted");
      line.scrollIntoView({ block: "center" });
    }
  }

  function want() {
    wanted = location.hash.startsWith("#L") ? location.hash.slice(1) : "";
    reach();
  }

  function note(article, kind, words) {
    let told = article.querySelector("p." + kind);
    if (!told && words) {
      told = document.createElement("p");
      told.className = kind;
      article.querySelector("pre").before(told);
    }
    if (told && told.textContent !== words) {
      told.textContent = words;
    }
  }

  function tellOfLeft(article) {
    const first = article.querySelector("code .at")?.dataset.number;
    note(article, "quiet", "What is before line " + first + " is not kept here; all of it is behind “as text”.");
  }

  /* Whether something came. */
  async function readOn(article) {
    const text = article.querySelector("pre");
    let more = article.dataset.complete !== "true";
    let hasGrown = false;
    while (more && !document.hidden) {
      const page = await moreLines(article);
      hasGrown ||= page.childElementCount > 0;
      append(text, page.children);
      article.dataset.next = page.dataset.next;
      article.dataset.complete = page.dataset.complete;
      more = page.dataset.full === "true" && page.dataset.complete !== "true";
    }
    note(article, "problem", "");
    return hasGrown;
  }

  /* One log that can't be read keeps nobody from the others. */
  async function readAll() {
    let hasGrown = false;
    for (const article of logs.querySelectorAll(".log")) {
      try {
        hasGrown = await readOn(article) || hasGrown;
      } catch (e) {
        note(article, "problem", "More of this log can't be read now.");
        console.warn(e);
      }
    }
    return hasGrown;
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

  async function follow() {
    let again = true;
    try {
      const found = await (await get(list, "application/json")).json();
      const shown = found.logs.filter(log => hidden || !log.hidden);
      /* Whether a step is hidden is known at its end. */
      found.logs.filter(log => !shown.includes(log)).forEach(log => find(log)?.remove());
      shown.filter(log => !find(log)).forEach(add);
      shown.forEach(nameStep);
      const hasGrown = await readAll();
      looksAfterEnd += found.finished ? 1 : 0;
      again = !found.complete && looksAfterEnd <= LOOKS_AFTER_END;
      pause = hasGrown ? PAUSE : Math.min(pause * 1.5, LONGEST_PAUSE);
      tell("");
    } catch (e) {
      /* The master is away; the page says so and goes on asking. */
      pause = Math.min(pause * 2, AFTER_FAILURES);
      tell("The master does not answer; this log may be old.");
      console.warn(e);
    }
    if (again) {
      setTimeout(() => seen().then(follow), pause);
    }
  }

  window.addEventListener("hashchange", want);
  want();
  follow();
})();
