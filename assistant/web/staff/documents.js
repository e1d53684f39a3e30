// « Documents »: files dropped or chosen are listed and checked, then sent with their progress; a work
// under way is followed. Everything works without this script, less comfortably.
"use strict";

const megabyte = 1024 * 1024;

function weight(bytes) {
  if (bytes < megabyte / 10) return `${Math.max(1, Math.round(bytes / 1024))}\u00a0ko`;
  return `${(bytes / megabyte).toFixed(1).replace(".", ",")}\u00a0Mo`;
}

function upload(form) {
  const input = form.querySelector("input[type=file]");
  const list = form.querySelector("[data-chosen]");
  const problem = form.querySelector("[data-problem]");
  const bar = form.querySelector("[data-progress]");
  const limit = Number(form.dataset.megabytes), most = Number(form.dataset.files);
  form.querySelectorAll("[data-with-script]").forEach((part) => { part.hidden = false; });

  function say(text) {
    problem.textContent = text;
    problem.hidden = !text;
  }

  function check() {
    const files = [...input.files];
    list.replaceChildren(...files.map((file) => {
      const item = document.createElement("li");
      item.textContent = `${file.name} (${weight(file.size)})`;
      return item;
    }));
    const large = files.filter((file) => file.size > limit * megabyte).map((file) => `« ${file.name} »`);
    if (files.length > most) say(most === 1 ? "Un seul fichier à la fois." : `${most} fichiers au plus.`);
    else if (large.length) say(`${large.join(", ")} : plus de ${limit} Mo.`);
    else say("");
    return files.length > 0 && problem.hidden;
  }

  input.addEventListener("change", check);
  for (const name of ["dragenter", "dragover"]) {
    form.addEventListener(name, (event) => { event.preventDefault(); form.classList.add("over"); });
  }
  for (const name of ["dragleave", "drop"]) form.addEventListener(name, () => form.classList.remove("over"));
  form.addEventListener("drop", (event) => {
    event.preventDefault();
    if (!event.dataTransfer.files.length) return;
    input.files = event.dataTransfer.files;
    check();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!check()) return;
    const button = form.querySelector("button[type=submit]");
    const request = new XMLHttpRequest();
    const failed = (text) => { say(text); button.disabled = false; bar.hidden = true; };
    request.open("POST", form.action);
    request.setRequestHeader("Accept", "application/json");
    request.setRequestHeader("X-CSRF-Token", form.querySelector("[name=csrf]").value);
    request.upload.addEventListener("progress", (sent) => { if (sent.lengthComputable) bar.value = 100 * sent.loaded / sent.total; });
    request.upload.addEventListener("load", () => { bar.removeAttribute("value"); bar.setAttribute("aria-label", "Lecture des fichiers"); });
    request.addEventListener("error", () => failed("L'envoi a échoué : vérifiez la connexion, puis recommencez."));
    request.addEventListener("load", () => {
      let answer = {};
      try { answer = JSON.parse(request.responseText); } catch { /* told below */ }
      if (request.status === 200 && answer.address) window.location.assign(answer.address);
      else failed(answer.message || "L'envoi a été refusé : rien n'a été enregistré.");
    });
    button.disabled = true;
    bar.hidden = false;
    bar.value = 0;
    bar.setAttribute("aria-label", "Envoi");
    request.send(new FormData(form));
  });
}

async function follow(card) {
  const step = card.querySelector("[data-step]"), count = card.querySelector("[data-count]"), share = card.querySelector("[data-share]");
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, 1000));
    try {
      const response = await fetch(card.dataset.state, { headers: { Accept: "application/json" } });
      if (response.status === 401) { window.location.reload(); return; }
      const state = await response.json();
      if (state.stage !== "running") { window.location.reload(); return; }
      if (step.textContent !== state.step) step.textContent = state.step;
      count.textContent = state.count;
      share.value = state.share;
    } catch { /* the server is restarting or the network is away: asked again in a second */ }
  }
}

document.querySelectorAll("form[data-upload]").forEach(upload);
document.querySelectorAll("[data-state]").forEach(follow);
