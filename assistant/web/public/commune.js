/* « Ma commune »: which view is shown, the names proposed while typing, the result, the sums.
   Knows no wording: every French word comes with the HTML. Asks only its own server, through Assistant.call. */
"use strict";

(() => {
  const PAUSE = 180; // ms without a key before names are asked for
  const $ = (selector, root = document) => root.querySelector(selector);
  const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
  const form = () => $("#commune-form");
  const fields = () => Object.fromEntries([...new FormData(form())].map(([name, value]) => [name, String(value)]));
  let typing = 0;
  let asked = 0; // the last question sent: late answers to older ones are dropped
  let reviewed = 0; // likewise for the forms sent
  let proposals = [];

  /* -- views -------------------------------------------------------------------------------- */

  function route() {
    const { hash } = location;
    const before = document.body.classList.contains("on-commune");
    const now = hash === "#ma-commune" || hash.startsWith("#commune");
    document.body.classList.toggle("on-commune", now);
    for (const link of $$(".views a")) {
      if ((link.dataset.view === "commune") === now) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
    if (before !== now) { Assistant.closeSource(false); scrollTo(0, 0); }
  }

  /* -- names proposed while typing ---------------------------------------------------------- */

  const input = () => $("#commune-name[role=combobox]");
  const list = () => $("#commune-choices");
  const chosen = () => $("[aria-selected=true]", list());

  function close() {
    if (!input()) return;
    list().hidden = true;
    input().setAttribute("aria-expanded", "false");
    input().removeAttribute("aria-activedescendant");
  }

  async function propose() {
    const ticket = ++asked;
    const typed = input().value.trim();
    const found = typed.length < 2 ? [] : await Assistant.call("find_communes", { typed });
    if (ticket !== asked || document.activeElement !== input()) return;
    proposals = found || [];
    list().replaceChildren(...proposals.map(option));
    list().hidden = !proposals.length;
    input().setAttribute("aria-expanded", String(proposals.length > 0));
    input().removeAttribute("aria-activedescendant");
    const said = $("#commune-found");
    const { none, one, many } = said.dataset;
    said.textContent = typed.length < 2 ? "" : [none, one][proposals.length] ?? many.replace("{count}", proposals.length);
  }

  function option(commune, row) {
    const item = Object.assign(document.createElement("li"), { id: `commune-choice-${row}`, textContent: commune.label });
    item.setAttribute("role", "option");
    item.setAttribute("aria-selected", "false");
    item.dataset.row = row;
    item.append(Object.assign(document.createElement("small"), { textContent: [commune.insee, commune.epci].filter(Boolean).join(", ") }));
    return item;
  }

  function move(step) {
    const options = $$("[role=option]", list());
    if (!options.length) return;
    const at = options.indexOf(chosen());
    const next = options[(at + step + options.length + (at < 0 && step < 0 ? 1 : 0)) % options.length];
    options.forEach((each) => each.setAttribute("aria-selected", String(each === next)));
    input().setAttribute("aria-activedescendant", next.id);
    next.scrollIntoView({ block: "nearest" });
  }

  function pick(row) {
    const commune = proposals[row];
    if (!commune) return;
    forget();
    input().value = commune.label;
    form().elements.insee.value = commune.insee;
    for (const [name, value] of Object.entries(commune.facts)) fill(name, value);
    close();
  }

  function fill(name, value) {
    const field = form().elements[name];
    if (!field || field.value) return; // what the visitor said stays
    put(field, value);
    const row = field.closest ? field : field[0].closest(".answer-row");
    row.dataset.listed = name;
  }

  function put(field, value) { // a group of radio buttons takes no empty value by itself
    if (field.closest) field.value = value;
    else for (const each of field) each.checked = each.value === value;
  }

  function forget() { // what came with the commune chosen before goes with it
    if (form().elements.insee) form().elements.insee.value = ""; // there is none without a list
    for (const row of $$("[data-listed]", form())) {
      put(form().elements[row.dataset.listed], "");
      delete row.dataset.listed;
    }
  }

  /* -- the result --------------------------------------------------------------------------- */

  async function review(from) { // `from`: the control that was answered in the result; the reader stays there
    close();
    asked += 1;
    const ticket = ++reviewed;
    const place = $("#commune-result");
    const stay = from && remembered(from, place);
    place.setAttribute("aria-busy", "true");
    $("#commune-notice").replaceChildren();
    const html = await Assistant.call("review_commune", fields());
    if (ticket !== reviewed) return;
    place.removeAttribute("aria-busy");
    if (typeof html !== "string") return Assistant.lost();
    Assistant.closeSource(false);
    place.innerHTML = html; // escaped by the server
    const title = $(".result-title", place);
    if (stay && !$(".suggestions", place)) {
      $("#commune-said").textContent = $(".counts", place).textContent;
      return stay();
    }
    title.focus({ preventScroll: true });
    title.scrollIntoView({ block: "start" });
  }

  const card = (path, place) => $$("details.scheme", place).find((each) => each.dataset.path === path);

  function remembered(from, place) { // what is open, where the reader is; gives it back once the list is drawn again
    const open = $$("details.scheme", place).filter((each) => each.open !== each.hasAttribute("data-open"));
    const changed = open.map(({ dataset, open: now }) => [dataset.path, now]);
    const more = $("details.more", place)?.open;
    const own = from.closest("details.scheme");
    const anchor = own || from.closest(".asks");
    const { top } = anchor.getBoundingClientRect();
    const { ask, answer } = from.dataset;
    return () => {
      for (const [path, now] of changed) { const each = card(path, place); if (each) each.open = now; }
      if ($("details.more", place)) $("details.more", place).open = Boolean(more);
      const again = own ? card(own.dataset.path, place) : $(".asks", place);
      const target = again || $(".result-title", place);
      if (again && own) again.open = true;
      const same = own && again && $$("[data-ask]", again).find((each) => each.dataset.ask === ask && each.dataset.answer === answer);
      (same || (own && again ? $("summary", again) : $("#asks-title", place)) || target).focus({ preventScroll: true });
      scrollBy({ top: target.getBoundingClientRect().top - (again ? top : 0), behavior: "instant" });
    };
  }

  function tell(button) { // an answer given in the result is the form's from now on
    const { ask, answer, from } = button.dataset;
    const value = from ? document.getElementById(from).value : answer;
    let field = form().elements[ask];
    if (!field) {
      field = Object.assign(document.createElement("input"), { type: "hidden", name: ask });
      field.dataset.told = "";
      form().append(field);
    }
    put(field, value);
    for (const row of $$("[data-listed]", form())) if (row.dataset.listed === ask) delete row.dataset.listed;
    review(button);
  }

  async function compute(sum) {
    const { expense, purpose } = sum.elements;
    const html = await Assistant.call("compute_aid", { document: sum.dataset.document, expense: expense.value, purpose: purpose?.value || "" });
    if (typeof html !== "string") return Assistant.lost();
    $(".summed", sum).innerHTML = html;
  }

  async function prove(button) {
    Assistant.openPanel(button, await Assistant.call("open_proof", { passage: button.dataset.proof, marker: button.dataset.number }));
  }

  /* -- events ------------------------------------------------------------------------------- */

  document.addEventListener("input", ({ target }) => {
    if (target === input()) { forget(); clearTimeout(typing); typing = setTimeout(propose, PAUSE); }
    const row = target.closest?.("[data-listed]");
    if (row) delete row.dataset.listed; // corrected by hand: no longer the list's
  });

  document.addEventListener("keydown", (event) => {
    if (event.target !== input() || list().hidden) return;
    const { key } = event;
    if (key === "ArrowDown" || key === "ArrowUp") move(key === "ArrowDown" ? 1 : -1);
    else if (key === "Enter" && chosen()) pick(chosen().dataset.row);
    else if (key === "Escape") close();
    else return;
    event.preventDefault();
  });

  document.addEventListener("mousedown", (event) => { // before the box loses the focus
    const item = event.target.closest("#commune-choices [role=option]");
    if (item) { event.preventDefault(); pick(item.dataset.row); }
  });

  document.addEventListener("focusout", ({ target }) => { if (target === input()) close(); });

  document.addEventListener("click", (event) => {
    const button = event.target.closest("#commune-result button");
    if (button?.dataset.proof) prove(button);
    if (button?.dataset.ask) tell(button);
    if (!button?.dataset.commune) return;
    input().value = button.dataset.label;
    form().elements.insee.value = button.dataset.commune;
    review();
  });

  document.addEventListener("submit", (event) => {
    const { target, submitter } = event;
    if (target.matches("form.sum")) { event.preventDefault(); compute(target); }
    else if (target === form() && submitter?.name !== "format") { event.preventDefault(); review(); }
  });

  document.addEventListener("reset", ({ target }) => {
    if (target !== form()) return;
    reviewed += 1; // an answer on its way is no longer wanted
    forget();
    $$("[data-told]", form()).forEach((each) => each.remove());
    $("#commune-result").replaceChildren();
    $("#commune-notice").replaceChildren();
    close();
  });

  addEventListener("hashchange", route);
  addEventListener("DOMContentLoaded", () => {
    route();
    // Gradio draws the links later: they are told which view is shown when they come.
    const drawn = new MutationObserver(() => { if ($(".views a")) { drawn.disconnect(); route(); } });
    drawn.observe(document.body, { childList: true, subtree: true });
  });
})();
