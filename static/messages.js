// Days in the filter are meant in the viewer's zone; without a script they are UTC's.
(() => {
  "use strict";
  for (const field of document.querySelectorAll("input[data-zone]")) {
    field.value = Intl.DateTimeFormat().resolvedOptions().timeZone || "";
  }
})();
