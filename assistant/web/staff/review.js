/* An exchange beside its sources: brings each marked passage into sight in its own frame. The page works without. */
"use strict";

function reveal(frame) {
  const mark = frame.querySelector("mark");
  if (mark) frame.scrollTop = Math.max(0, mark.getBoundingClientRect().top - frame.getBoundingClientRect().top - 48);
}

for (const frame of document.querySelectorAll(".extract")) {
  reveal(frame);
  frame.closest("details")?.addEventListener("toggle", () => reveal(frame));
}
