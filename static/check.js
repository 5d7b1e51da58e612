// The check before saving, in the browser. Everything here has a way without it.
(() => {
  "use strict";

  // Of the secrets the check needs the names of those that were typed, never a value.
  document.addEventListener("htmx:config:request", (event) => {
    const { sourceElement, request } = event.detail.ctx;
    if (sourceElement.id !== "check" || !(request.body instanceof FormData)) return;
    const body = request.body;
    const typed = (name) => body.getAll(name).some((value) => value !== "");
    for (const name of [...new Set(body.keys())]) {
      if (!name.startsWith("secret-")) continue;
      if (typed(name)) body.append("typed_secret", name.slice("secret-".length));
      body.set(name, "");
    }
    if (typed("new_secret_value")) body.append("typed_secret", body.get("new_secret_name").trim());
    body.set("new_secret_name", "");
    body.set("new_secret_value", "");
    // Neither does it need the test's number and text.
    body.delete("test_recipient");
    body.delete("test_text");
  });

  const form = () => document.getElementById("gateway-form");

  // A mend brings the whole form anew: what was folded open stays open.
  let opened = [];
  document.addEventListener("htmx:before:swap", (event) => {
    if (event.detail.ctx.target !== form()) return;
    opened = [...form().querySelectorAll("details")].map((details) => details.open);
  });
  document.addEventListener("htmx:after:swap", (event) => {
    const { sourceElement, target } = event.detail.ctx;
    if (sourceElement?.classList?.contains("check-mend")) {
      [...form().querySelectorAll("details")].forEach((details, place) => {
        if (opened[place]) details.open = true;
      });
      const next = document.querySelector(".check-mend") || document.getElementById("check-counted");
      next.focus({ preventScroll: true });
    } else if (target?.id !== "check-found" && form()?.contains(target)) {
      // Something else wrote into the form.
      document.getElementById("check").dispatchEvent(new Event("recheck"));
    }
  });
})();
