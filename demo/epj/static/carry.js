// Carries the ticket over, once: while the page still loads, so that it leaves no entry in the history.
// Without JavaScript the button does it.
"use strict";
document.getElementById("carry").submit();
