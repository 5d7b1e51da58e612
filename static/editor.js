// What the settings page does in the browser beyond htmx. Everything here has a way without it.
(() => {
  "use strict";

  document.documentElement.classList.add("scripted");

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-insert]");
    const field = button && document.getElementById(button.dataset.into);
    if (!field) return;
    field.setRangeText(button.dataset.insert, field.selectionStart, field.selectionEnd, "end");
    field.focus();
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });

  // Enter in a text field presses the form's first button, which saves: a test must not.
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing || !event.target.dataset) return;
    const button = document.getElementById(event.target.dataset.enterPresses);
    if (!button) return;
    event.preventDefault();
    button.click();
  });

  // While a trial runs its buttons do nothing, and keep the focus: one that is disabled would lose it.
  const holdTrials = (hold) => (event) => {
    if (!event.detail.ctx.sourceElement?.closest?.(".trial-buttons")) return;
    for (const button of document.querySelectorAll(".trial-buttons button")) {
      button.setAttribute("aria-disabled", hold);
      button.classList.toggle("disabled", hold);
    }
  };
  document.addEventListener("htmx:before:request", holdTrials(true));
  document.addEventListener("htmx:finally:request", holdTrials(false));
  document.addEventListener(
    "click",
    (event) => {
      if (!event.target.closest('.trial-buttons [aria-disabled="true"]')) return;
      event.preventDefault();
      event.stopImmediatePropagation();
    },
    true,
  );

  // The result may come to stand below the window.
  document.addEventListener("htmx:after:swap", (event) => {
    if (event.detail.ctx.target?.id !== "trial") return;
    document.getElementById("trial").scrollIntoView({ block: "nearest" });
  });

  // A check of one field, or two, needs neither the other fields nor the secrets that were typed.
  document.addEventListener("htmx:config:request", (event) => {
    const { sourceElement, request } = event.detail.ctx;
    const only = sourceElement.dataset.sendOnly;
    if (!only || !(request.body instanceof FormData)) return;
    const names = new Set([...only.split(" "), "csrf_token"]);
    for (const name of new Set(request.body.keys())) {
      if (!names.has(name)) request.body.delete(name);
    }
  });
})();
