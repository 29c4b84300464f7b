"use strict";

/* Has the slider over all events say which moment it is at, and the address lead to what is shown when it was moved. */
(() => {
  const slider = document.querySelector('.moment input[type="range"]');

  const tell = text => slider.setAttribute("aria-valuetext", text.trim());

  slider.addEventListener("input", () => tell("event " + slider.value + " of " + slider.max));

  document.addEventListener("htmx:afterSwap", () => {
    tell(document.querySelector("#then h2").textContent);
    history.replaceState(null, "", document.querySelector('#then a[rel="bookmark"]').href);
  });
})();
