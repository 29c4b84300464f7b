"use strict";

/* Reads on in the logs of a build, once a second while it runs. */
(() => {
  const PAUSE = 1000;
  const LINES_KEPT = 20000;
  const TERMINAL_SEQUENCE = /\u001b\[[0-9;?]*[ -/]*[@-~]/g;
  const logs = document.getElementById("logs");
  const list = logs.dataset.list;

  async function get(address) {
    const answer = await fetch(address, { headers: { Accept: "application/json" } });
    if (!answer.ok) {
      throw new Error(answer.status + " " + address);
    }
    return answer.json();
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
    title.id = "step-" + log.step;
    title.append("Step " + log.step + " ");
    const name = document.createElement("span");
    name.className = "quiet";
    name.textContent = log.name;
    title.append(name);
    const text = document.createElement("pre");
    text.tabIndex = 0;
    article.append(title, text);
    logs.append(article);
  }

  function append(text, lines) {
    const atEnd = text.scrollTop + text.clientHeight >= text.scrollHeight - 8;
    text.append(...lines.map(line => {
      const code = document.createElement("code");
      code.className = line.source.toLowerCase();
      code.textContent = line.text.replace(TERMINAL_SEQUENCE, "");
      return code;
    }));
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
      const page = await get(
        list + "/" + article.dataset.step + "/" + encodeURIComponent(article.dataset.name)
          + "?from=" + article.dataset.next);
      append(text, page.lines);
      article.dataset.next = page.next;
      article.dataset.complete = page.complete;
      more = page.lines.length > 0 && !page.complete;
    }
  }

  async function follow() {
    let again = true;
    try {
      const found = await get(list);
      found.logs.filter(log => !find(log)).forEach(add);
      for (const article of logs.querySelectorAll(".log")) {
        await readOn(article);
      }
      again = !found.finished;
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
