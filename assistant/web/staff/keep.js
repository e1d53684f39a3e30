// What is typed in a long form is put away in this tab as it is sent. When the session had ended, it comes back
// after signing in again. The page the server answers with says whether it is needed (data-again).
"use strict";

function content(form) {
  const typed = {};
  for (const field of form.elements) {
    if (!field.name || field.name === "csrf" || field.type === "submit") continue;
    typed[field.name] ??= [];
    if (!["radio", "checkbox"].includes(field.type) || field.checked) typed[field.name].push(field.value);
  }
  return typed;
}

function fill(form, typed) {
  for (const field of form.elements) {
    const values = typed[field.name];
    if (!values) continue;
    if (["radio", "checkbox"].includes(field.type)) field.checked = values.includes(field.value);
    else if (field.type !== "submit" && values.length) field.value = values[0];
  }
}

for (const form of document.querySelectorAll("form[data-keep]")) {
  try {
    const kept = sessionStorage.getItem(form.dataset.keep);
    sessionStorage.removeItem(form.dataset.keep);
    if (kept && "again" in form.dataset) {
      fill(form, JSON.parse(kept));
      form.querySelector("[data-back]").hidden = false;
    }
    form.addEventListener("submit", () => sessionStorage.setItem(form.dataset.keep, JSON.stringify(content(form))));
  } catch { /* a browser that keeps nothing: the page shows the texts again, to be copied */ }
}
