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

  // A mend brings the whole form anew: what was folded open stays open, and the keyboard goes on from there.
  let mend = null;
  let opened = [];
  document.addEventListener("htmx:before:swap", (event) => {
    const { ctx } = event.detail;
    if (ctx.target !== form()) return;
    mend = ctx;
    opened = [...form().querySelectorAll("details")].map((details) => details.open);
  });
  document.addEventListener("htmx:after:swap", (event) => {
    const { ctx } = event.detail;
    if (ctx === mend) {
      [...form().querySelectorAll("details")].forEach((details, place) => {
        if (opened[place]) details.open = true;
      });
      const next = document.querySelector(".check-mend") || document.getElementById("check-counted");
      next.focus({ preventScroll: true });
    } else if (!ctx.target?.matches?.('#check-found, [role="status"]') && form()?.contains(ctx.target)) {
      // Something else wrote into the form, and not only a word beside a field.
      document.getElementById("check").dispatchEvent(new Event("recheck"));
    }
  });
})();
