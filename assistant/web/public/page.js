/* The page's behaviour: shows the exchanges the server sends, opens sources, sends opinions.
   Knows no wording: every French word comes with the HTML. No request but to its own server. */
"use strict";

// Gradio words its own messages in the browser's language; this page is French for everyone.
for (const [name, value] of [["language", "fr"], ["languages", ["fr"]]]) {
  Object.defineProperty(navigator, name, { get: () => value, configurable: true });
}

const Assistant = (() => {
  const KEY = "assistant-conversation";
  const TWICE = 400; // ms: the same question sent again this soon was sent once
  const SILENCE = 120_000; // ms without a word of a running answer: the server is gone
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)");
  let server = null;
  let trigger = null;
  let silence = 0;
  let sent = { question: "", at: -Infinity }; // the last question sent, and when, on the page's clock
  let pinned = null; // the exchange kept in sight while it is written, until the reader scrolls
  let opener = null; // the button that opened the source panel: focus goes back to it

  const $ = (selector, root = document) => root.querySelector(selector);
  const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
  const conversation = () => $("#log")?.dataset.conversation || "";
  // sessionStorage dies with the tab: nothing stays on a shared computer. Browsers may deny it to a frame of another site:
  // the conversation then lasts as long as the page.
  const storage = (() => { try { return window.sessionStorage; } catch { return null; } })();
  const stored = () => storage?.getItem(KEY) || "";

  function mount(context) {
    server = context.server;
    trigger = context.trigger;
    context.watch("value", () => receive(context.props.value));
    receive(context.props.value);
  }

  /* -- exchanges ---------------------------------------------------------------------------- */

  function receive(html) {
    const holder = document.createElement("template"); // inert: nothing in it loads or runs
    holder.innerHTML = html || "";
    const frame = holder.content.firstElementChild;
    const log = $("#log");
    if (!frame || !log) return;
    const { conversation: id, running, reset, announce } = frame.dataset;
    if (reset === "true") { log.replaceChildren(); closeSource(false); }
    else if (log.childElementCount && log.dataset.conversation !== id) part(log);
    log.dataset.conversation = id;
    storage?.setItem(KEY, id);
    let added = null;
    for (const article of [...frame.children]) {
      const copy = article.cloneNode(true);
      const old = article.id && document.getElementById(article.id);
      if (old) old.replaceWith(copy);
      else { log.append(copy); added = copy; }
    }
    busy(running === "true");
    const empty = !log.childElementCount;
    document.body.classList.toggle("has-exchanges", !empty);
    $$("[name=conversation]").forEach((field) => { field.value = id; });
    $$(".tools button").forEach((button) => { button.disabled = empty; });
    if (added) { foldThemes(); foldStyle(); emptyBox(); pinned = added.id; }
    if (empty) pinned = null;
    if (pinned) show(document.getElementById(pinned), reset === "true");
    if (announce) say(announce);
  }

  function emptyBox() { // of the question that has arrived; what was typed since stays
    const box = $("#question textarea");
    if (!box || box.value.trim() !== sent.question) return;
    box.value = "";
    box.dispatchEvent(new Event("input", { bubbles: true }));
  }

  function foldThemes(folded = true) {
    document.body.classList.toggle("themes-open", !folded);
    $(".fold")?.setAttribute("aria-expanded", String(!folded));
  }

  function part(log) { // the server forgot the conversation (restart, long absence): say so, keep what is shown
    log.append(Object.assign(document.createElement("p"), { className: "break", textContent: $("#words").dataset.fresh }));
  }

  function show(element, atOnce) {
    const behavior = calm.matches || atOnce ? "auto" : "smooth";
    requestAnimationFrame(() => element?.scrollIntoView({ block: "start", behavior }));
  }

  function busy(running) {
    $("#log").setAttribute("aria-busy", String(running));
    document.body.classList.toggle("running", running);
    const send = $("#send");
    if (send) send.disabled = running;
    clearTimeout(silence);
    if (running) silence = setTimeout(() => { busy(false); lost(); }, SILENCE);
  }

  function lost(words = $("#words").dataset.lost) {
    const place = document.body.classList.contains("on-commune") ? "#commune-notice" : "#notice .html-container > div";
    const box = $(place) || $("#notice");
    if (!box || box.textContent === words) return;
    box.innerHTML = '<p class="notice" role="alert"></p>';
    box.firstChild.textContent = words;
  }

  // Gradio reports a lost server or a full queue in English, over the header: the page says it in French, by the box.
  function translateToasts(changes) {
    for (const node of changes.flatMap((change) => [...change.addedNodes])) {
      const toast = node.nodeType === 1 && (node.matches(".toast-body") ? node : $(".toast-body", node));
      if (!toast) continue;
      busy(false);
      const { lost: gone, trouble } = $("#words").dataset;
      lost(/connection/i.test(toast.textContent) ? gone : trouble);
    }
  }

  function say(text) {
    let region = $("#announce");
    if (!region) {
      region = Object.assign(document.createElement("div"), { id: "announce", className: "sr-only" });
      region.setAttribute("role", "status");
      region.setAttribute("aria-live", "polite");
      document.body.append(region);
    }
    region.textContent = "";
    setTimeout(() => { region.textContent = text; }, 60); // the same words twice must be read twice
  }

  /* -- the source panel --------------------------------------------------------------------- */

  async function call(name, asked) { // null when the server does not answer: Gradio gives « undefined », or throws
    try { return (await server[name](asked)) ?? null; } catch { return null; }
  }

  async function openSource(button) {
    const { exchange } = button.closest("[data-exchange]").dataset;
    openPanel(button, await call("open_source", { conversation: conversation(), exchange, marker: Number(button.dataset.marker) }));
  }

  function openPanel(button, html) {
    const panel = $("#source");
    if (typeof html !== "string") return lost();
    opener = button;
    $$(".cite[aria-current], .source-link[aria-current]").forEach((other) => other.removeAttribute("aria-current"));
    button.setAttribute("aria-current", "true");
    $(".source-content", panel).innerHTML = html;
    panel.hidden = false;
    document.body.classList.add("has-source");
    const mark = $("mark", panel);
    const extract = $(".extract", panel);
    if (mark && extract) extract.scrollTop = Math.max(0, mark.offsetTop - 56); // its heading stays in sight
    const place = $(".page-picture rect", panel);
    const frame = $(".page-picture .frame", panel);
    if (place) frame.scrollTop = Math.max(0, place.getBoundingClientRect().top - frame.getBoundingClientRect().top - 96);
    panel.scrollTop = 0;
    ($(".source-title", panel) || panel).focus({ preventScroll: true });
  }

  function closeSource(giveBack = true) {
    const panel = $("#source");
    if (!panel || panel.hidden) return;
    panel.hidden = true;
    document.body.classList.remove("has-source");
    $$(".cite[aria-current], .source-link[aria-current]").forEach((other) => other.removeAttribute("aria-current"));
    if (giveBack && opener?.isConnected) opener.focus();
  }

  /* -- opinions and copies ------------------------------------------------------------------ */

  async function opine(article, value, reasons = [], comment = "") {
    const given = { conversation: conversation(), exchange: article.dataset.exchange, value, reasons, comment };
    let reply;
    try { reply = await server.give_opinion(given); } catch { reply = null; }
    if (!reply) return lost();
    $(".said", article).textContent = reply.message;
    if (!reply.kept) return;
    $$("[data-opinion]", article).forEach((button) => button.setAttribute("aria-pressed", String(button.dataset.opinion === value)));
    fold(article, false);
  }

  function fold(article, open) {
    const form = $("form.opinion", article);
    form.hidden = !open;
    $(".down", article).setAttribute("aria-expanded", String(open));
    if (open) $("input", form).focus();
  }

  function copy(button) {
    const text = button.dataset.copy || new URL(button.dataset.link, document.baseURI).href;
    return copyText(text, { ...$("#words").dataset, ...button.dataset }, $(".said", button.closest(".actions, .team")));
  }

  async function share(button) { // the link is made when it is asked for; the server says the same one again
    const words = $("#words").dataset;
    const said = $(".said", button.closest(".actions"));
    button.disabled = true;
    try {
      const body = new URLSearchParams({ conversation: conversation(), exchange: button.closest("[data-exchange]").dataset.exchange });
      const reply = await (await fetch("lien", { method: "POST", body })).json();
      if (reply.kept) await copyText(new URL(reply.address, document.baseURI).href, { ...words, copied: reply.message }, said);
      else said.textContent = reply.message;
    } catch { lost(); }
    button.disabled = false;
  }

  async function copyText(text, words, said) {
    try {
      if (navigator.clipboard) await navigator.clipboard.writeText(text);
      else if (!copyOldWay(text)) throw new Error("refused");
      said.textContent = words.copied;
    } catch { said.textContent = words.copyFailed; }
  }

  async function askTeam(button) { // a plain address, not Gradio: the server limits how often one address may write
    const article = button.closest("[data-exchange]");
    const said = $(".said", button.closest(".team"));
    button.disabled = true;
    let reply;
    try {
      const body = new URLSearchParams({ conversation: conversation(), exchange: article.dataset.exchange });
      reply = await (await fetch("question-equipe", { method: "POST", body })).json();
    } catch { reply = null; }
    button.disabled = false;
    if (!reply) return lost();
    if (!reply.kept) { said.textContent = reply.message; return; }
    $(".team", article).outerHTML = reply.html;
    $(".team a", article).focus();
    say(reply.message);
  }

  function copyOldWay(text) { // plain http on an internal network has no clipboard API
    const area = Object.assign(document.createElement("textarea"), { value: text });
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }

  /* -- what a model writes ------------------------------------------------------------------ */

  function style() { // what was chosen under the box, as words; nothing where no model writes
    return $$("#style input:checked").map((input) => input.value).join(" ");
  }

  function stopWriting(button) {
    button.disabled = true;
    call("stop_writing", { conversation: conversation(), exchange: button.closest("[data-exchange]").dataset.exchange });
    $("#question textarea")?.focus();
  }

  function foldStyle() { // on a telephone, open choices would hide the answer
    const choices = $("#style");
    if (choices) choices.open = false;
  }

  function tellStyle() { // the line that is folded says what is chosen
    $("#style summary span").textContent = $$("#style input:checked").map((input) => input.dataset.name).join(", ");
  }

  /* -- clicks and keys ---------------------------------------------------------------------- */

  function ask(question) {
    if (!document.body.classList.contains("running") && !isTwice(question)) trigger("ask", { question, style: style() });
  }

  function isTwice(question) { // the box may have been emptied between the two clicks
    const now = performance.now();
    if (now - sent.at < TWICE && ["", sent.question].includes(question)) return true;
    sent = { question, at: now };
    return false;
  }

  function onSending(event) { // before Gradio, which would send the second of a double click too
    const sending = event.type === "click" ? event.target.closest("#send")
      : event.key === "Enter" && !event.shiftKey && event.target.closest("#question");
    if (!sending || !isTwice($("#question textarea").value.trim())) return;
    event.stopImmediatePropagation();
    event.preventDefault();
  }

  function onClick(event) {
    const button = event.target.closest("button");
    if (!button) return;
    const article = button.closest("[data-exchange]");
    if (button.dataset.marker && article) openSource(button);
    else if (button.id === "close-source") closeSource();
    else if (button.classList.contains("fold")) foldThemes(document.body.classList.contains("themes-open"));
    else if (button.dataset.ask) ask(button.dataset.ask);
    else if (button.dataset.copy || button.dataset.link) copy(button);
    else if (button.hasAttribute("data-share")) share(button);
    else if (button.hasAttribute("data-stop")) stopWriting(button);
    else if (button.hasAttribute("data-team")) askTeam(button);
    else if (button.dataset.opinion === "up") opine(article, "up");
    else if (button.dataset.opinion === "down") fold(article, $("form.opinion", article).hidden);
    else if (button.hasAttribute("data-cancel")) { fold(article, false); $(".down", article).focus(); }
    else if (button.getAttribute("role") === "tab") choose(button);
    else if (button.hasAttribute("data-renew")) { trigger("renew"); $("#question textarea")?.focus(); }
  }

  function choose(tab) {
    const list = tab.closest("[role=tablist]");
    for (const other of $$("[role=tab]", list)) {
      const chosen = other === tab;
      other.setAttribute("aria-selected", String(chosen));
      other.tabIndex = chosen ? 0 : -1;
      document.getElementById(other.getAttribute("aria-controls")).hidden = !chosen;
    }
    tab.focus();
  }

  function onKey(event) {
    if (event.key === "Escape") closeSource();
    if (["PageUp", "PageDown", "ArrowUp", "ArrowDown", "Home", "End", "Tab"].includes(event.key)) pinned = null;
    const tab = event.target.closest?.("[role=tab]");
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!tab || !step) return;
    const tabs = $$("[role=tab]", tab.parentElement);
    choose(tabs[(tabs.indexOf(tab) + step + tabs.length) % tabs.length]);
    event.preventDefault();
  }

  function onSubmit(event) {
    const form = event.target.closest("form.opinion");
    if (!form) return;
    event.preventDefault();
    const reasons = $$("input:checked", form).map((box) => box.value);
    opine(form.closest("[data-exchange]"), "down", reasons, form.elements.comment.value);
  }

  for (const gesture of ["wheel", "touchmove", "mousedown"]) {
    document.addEventListener(gesture, () => { pinned = null; }, { passive: true });
  }
  addEventListener("DOMContentLoaded", () => {
    new MutationObserver(translateToasts).observe(document.body, { childList: true, subtree: true });
  });
  document.addEventListener("click", onSending, true);
  document.addEventListener("keydown", onSending, true);
  document.addEventListener("click", onClick);
  document.addEventListener("keydown", onKey);
  document.addEventListener("submit", onSubmit);
  document.addEventListener("change", (event) => { if (event.target.closest("#style")) tellStyle(); });
  return { mount, stored, style, say, call, lost, openPanel, closeSource };
})();
