"use strict";

/* Reads on in the logs of a build, more than twice a second until it has ended and its logs are complete. */
(() => {
  const PAUSE = 400;
  /* So often after the build's end: the logs of a killed master stay as they are. */
  const LOOKS_AFTER_END = 25;
  const LINES_KEPT = 20000;
  /* A longer line is shown in several. */
  const LINE_KEPT = 1024 * 1024;
  const logs = document.getElementById("logs");
  const list = logs.dataset.list;
  const hidden = logs.dataset.hidden === "true";
  let looksAfterEnd = 0;

  async function get(address, type) {
    const answer = await fetch(address, { headers: { Accept: type } });
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
    const text = document.createElement("pre");
    text.tabIndex = 0;
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
        last.append(...line.childNodes);
      } else {
        text.append(document.adoptNode(line));
      }
    }
    while (text.childElementCount > LINES_KEPT) {
      text.firstElementChild.remove();
    }
    if (atEnd) {
      text.scrollTop = text.scrollHeight;
    }
  }

  async function readOn(article) {
    const text = article.querySelector("pre");
    let more = article.dataset.complete !== "true";
    while (more) {
      const page = await moreLines(article);
      append(text, page.children);
      article.dataset.next = page.dataset.next;
      article.dataset.complete = page.dataset.complete;
      more = page.dataset.lines !== "0" && page.dataset.complete !== "true";
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
      for (const article of logs.querySelectorAll(".log")) {
        await readOn(article);
      }
      looksAfterEnd += found.finished ? 1 : 0;
      again = !found.complete && looksAfterEnd <= LOOKS_AFTER_END;
      logs.classList.remove("behind");
    } catch (e) {
      /* The master is away; the page says so and goes on asking. */
      logs.classList.add("behind");
      console.warn(e);
    }
    if (again) {
      setTimeout(follow, PAUSE);
    }
  }

  follow();
})();
