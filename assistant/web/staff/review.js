/* An exchange beside its sources: brings each marked passage into sight in its own frame, and keeps the form's
   buttons on the screen while the two stand side by side. The page works without. */
"use strict";

function reveal(frame) {
  const mark = frame.querySelector("mark");
  if (mark) frame.scrollTop = Math.max(0, mark.getBoundingClientRect().top - frame.getBoundingClientRect().top - 48);
}

const form = document.querySelector(".verdicts");
const beside = window.matchMedia("(min-width: 64em)");

function fit() {
  const room = window.innerHeight - Math.max(0, form.getBoundingClientRect().top);
  form.style.maxHeight = beside.matches ? `${Math.max(320, room)}px` : "";
}

if (form) {
  for (const event of ["scroll", "resize"]) window.addEventListener(event, fit, { passive: true });
  fit();
}

for (const frame of document.querySelectorAll(".extract")) {
  reveal(frame);
  frame.closest("details")?.addEventListener("toggle", () => reveal(frame));
}
