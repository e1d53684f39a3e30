/* The measurement's progress, asked for every second while one runs; the page is loaded again when it ends. */
"use strict";

(() => {
  const bar = document.getElementById("progress");
  if (!bar) return;
  const done = document.getElementById("done");

  async function look() {
    try {
      const reply = await fetch("/equipe/qualite/progression");
      const state = await reply.json();
      if (!state.running) { location.replace("/equipe/qualite"); return; }
      bar.value = state.done;
      done.textContent = state.done;
    } catch { /* the server is restarting, or the session ended: the link « Actualiser » tells */ }
    setTimeout(look, 1000);
  }

  setTimeout(look, 1000);
})();
