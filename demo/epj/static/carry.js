// Carries the ticket over at once; without JavaScript the button does it.
document.getElementById("carry").submit();
