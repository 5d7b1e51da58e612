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
      const minute = `${day} ${two(at.getHours())}:${two(at.getMinutes())}`;
      const second = `${minute}:${two(at.getSeconds())}`;
      element.textContent = "toTheSecond" in element.dataset ? second : minute;
      element.title = `${second} ${zone(at.getTimezoneOffset())}`;
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
      if ("select" in field) field.select();
      else getSelection().selectAllChildren(field);
      await navigator.clipboard.writeText(field.value ?? field.textContent);
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
  let troubled = null;
  const say = (source, text) => {
    troubled = source;
    if (trouble.hidden || trouble.textContent !== text) trouble.textContent = text;
    trouble.hidden = false;
  };
  const word = (kind, status) => trouble.dataset[kind].replace("{status}", status);

  // Nobody sees what a hidden page would ask for again and again.
  document.addEventListener("htmx:before:request", (event) => {
    if (document.hidden && event.detail.ctx.sourceEvent?.type === "every") event.preventDefault();
  });

  document.addEventListener("htmx:before:response", (event) => {
    const { response, sourceElement } = event.detail.ctx;
    const said = response.headers.get("X-Webpanel-Says");
    let text = "";
    if (!response.headers.has("X-Webpanel")) text = word("foreign", response.status);
    else if (said) text = decodeURIComponent(said);
    else if (response.status >= 500) text = word("broken", response.status);
    if (text) {
      event.preventDefault();
      say(sourceElement, text);
    } else if (sourceElement === troubled || !troubled?.isConnected) {
      // Only what failed takes its word back: a poll elsewhere on the page knows nothing of it.
      trouble.hidden = true;
    }
  });
  document.addEventListener("htmx:error", (event) => {
    const { ctx } = event.detail;
    if (ctx && !ctx.response) say(ctx.sourceElement, word("unreachable", ""));
  });
})();
