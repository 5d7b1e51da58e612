// What every page does in the browser beyond htmx. Everything here has a way without it.
(() => {
  "use strict";

  const two = (number) => String(number).padStart(2, "0");

  // Times come in UTC and are shown in the viewer's zone, in the same form.
  const zone = (minutes) => {
    const east = -minutes;
    const size = Math.abs(east);
    return `UTC${east < 0 ? "−" : "+"}${two(Math.floor(size / 60))}:${two(size % 60)}`;
  };
  const localise = (root) => {
    for (const element of root.querySelectorAll("time[datetime]:not([data-local])")) {
      const at = new Date(element.dateTime);
      if (Number.isNaN(at.getTime())) continue;
      const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
      const minute = `${two(at.getHours())}:${two(at.getMinutes())}`;
      element.textContent = `${day} ${minute}`;
      element.title = `${day} ${minute}:${two(at.getSeconds())} ${zone(at.getTimezoneOffset())}`;
      element.dataset.local = "";
    }
  };

  const revealCopying = (root) => {
    for (const button of root.querySelectorAll("[data-copy][hidden]")) {
      button.hidden = !navigator.clipboard;
    }
  };

  const dress = () => {
    localise(document);
    revealCopying(document);
  };
  dress();
  document.addEventListener("htmx:after:swap", dress);

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (button) {
      const field = document.getElementById(button.dataset.copy);
      field.select();
      await navigator.clipboard.writeText(field.value);
      button.querySelector("span").textContent = button.dataset.copied;
    }
    for (const menu of document.querySelectorAll("details[data-closes][open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of document.querySelectorAll("details[data-closes][open]")) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });

  // A failure of the panel, or a page that is not the panel's own (a proxy's 502, a sign-in in front of
  // it), is said in one sentence and never put into the page.
  const trouble = document.getElementById("trouble");
  const say = (kind, status) => {
    const text = trouble.dataset[kind].replace("{status}", status);
    if (trouble.hidden || trouble.textContent !== text) trouble.textContent = text;
    trouble.hidden = false;
  };
  document.addEventListener("htmx:before:response", (event) => {
    const { response } = event.detail.ctx;
    if (!response.headers.has("X-Webpanel")) {
      event.preventDefault();
      say("foreign", response.status);
    } else if (response.status >= 500) {
      event.preventDefault();
      say("broken", response.status);
    } else {
      trouble.hidden = true;
    }
  });
  document.addEventListener("htmx:error", (event) => {
    const { ctx } = event.detail;
    if (ctx && !ctx.response) say("unreachable", "");
  });
})();
