// The conversation without loading the page. Whatever goes wrong here, the form is sent as a form.
"use strict";

const KEPT = "scrutineer-conversation"; // in this browser's tab, and nowhere else
const MOST_REMEMBERED = 10;
const form = document.getElementById("ask");
const field = document.getElementById("q");
const conversation = document.getElementById("conversation");
const status = document.getElementById("status");
const error = document.getElementById("error");
const clear = document.getElementById("clear");
// A permanent link shows one answer, and leaves the conversation as it is.
const linked = new URLSearchParams(location.search).has("g");

function remembered() {
  try {
    const found = JSON.parse(sessionStorage.getItem(KEPT) || "[]");
    return Array.isArray(found) ? found : [];
  } catch {
    return [];
  }
}

function remember(turns) {
  try {
    sessionStorage.setItem(KEPT, JSON.stringify(turns));
  } catch {
    // full, or not allowed: the conversation stays on the page alone
  }
}

function cardFrom(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content.querySelector(".turn");
}

// What was asked on this page, after what came before its first card.
function questions() {
  const turns = [...conversation.querySelectorAll(":scope > .turn")];
  const before = turns.length ? JSON.parse(turns[0].dataset.history || "[]") : [];
  return [...before, ...turns.map((turn) => turn.dataset.question)].slice(-MOST_REMEMBERED);
}

function sendAsForm(question, history) {
  for (const hidden of form.querySelectorAll("input[name=h]")) hidden.remove();
  for (const earlier of history) {
    const hidden = document.createElement("input");
    hidden.type = "hidden";
    hidden.name = "h";
    hidden.value = earlier;
    form.append(hidden);
  }
  field.value = question;
  form.submit(); // the page that comes says what is wrong
}

function waitingCard(question) {
  const turn = document.createElement("article");
  turn.className = "turn waiting";
  turn.dataset.question = question;
  const heading = document.createElement("h2");
  heading.className = "asked";
  heading.textContent = question;
  const line = document.createElement("p");
  line.className = "working";
  line.textContent = "Looking in the papers …";
  turn.append(heading, line);
  return turn;
}

function sayWrong(text) {
  error.textContent = text;
  error.hidden = false;
  field.setAttribute("aria-invalid", "true");
  field.setAttribute("aria-describedby", "error");
  field.focus();
}

function sayNothingWrong() {
  error.hidden = true;
  error.textContent = "";
  field.removeAttribute("aria-invalid");
  field.removeAttribute("aria-describedby");
}

function announce(turn) {
  const quotes = turn.querySelectorAll(".citations figure").length;
  const papers = quotes === 1 ? "one quotation" : `${quotes} quotations`;
  status.textContent = quotes ? `Answered with ${papers} from the papers.` : "Not in the papers.";
}

function ready(turn) {
  for (const button of turn.querySelectorAll("button.copy")) {
    button.hidden = false;
  }
}

function into(view) {
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  view.scrollIntoView({ block: "start", behavior: calm ? "auto" : "smooth" });
}

function startIsOver() {
  const start = document.getElementById("start");
  if (start) start.hidden = true;
  clear.hidden = false;
}

async function ask(question) {
  const fields = new URLSearchParams({ q: question });
  const history = questions();
  for (const earlier of history) fields.append("h", earlier);
  for (const name of ["publisher", "from", "to"]) {
    if (form.elements[name].value) fields.append(name, form.elements[name].value);
  }
  const waiting = waitingCard(question);
  conversation.append(waiting);
  startIsOver();
  into(waiting);
  status.textContent = "Looking in the papers …";
  field.value = "";
  let response;
  try {
    response = await fetch(`/answer?${fields}`, { headers: { Accept: "text/html" } });
    if (response.ok) {
      const html = await response.text();
      const turn = cardFrom(html);
      if (!turn) throw new Error("no card");
      waiting.replaceWith(turn);
      ready(turn);
      if (!linked) remember([...remembered(), { question, html }]);
      announce(turn);
      into(turn);
      return;
    }
    if (response.status !== 422) throw new Error(`status ${response.status}`);
  } catch {
    sendAsForm(question, history);
    return;
  }
  waiting.remove();
  status.textContent = "";
  field.value = field.value || question;
  sayWrong(await response.text());
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const question = field.value;
  if (!question.trim()) {
    sayWrong("Your question must not be empty.");
    return;
  }
  sayNothingWrong();
  ask(question);
});

field.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    form.requestSubmit();
  }
});

document.addEventListener("click", async (event) => {
  const example = event.target.closest(".suggestions a");
  if (example) {
    event.preventDefault();
    sayNothingWrong();
    ask(example.textContent);
    return;
  }
  const button = event.target.closest("button.copy");
  if (!button) return;
  const text = `${button.dataset.citation}\n${location.origin}${button.dataset.url}`;
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = "Copied";
    status.textContent = "Citation copied.";
  } catch {
    status.textContent = "The browser did not allow copying.";
    button.textContent = "Not allowed";
  }
});

clear.addEventListener("click", () => {
  remember([]);
  location.assign("/");
});

function restore() {
  // A card that came with the page takes its place after those that were there before.
  const came = conversation.querySelector(":scope > .turn");
  if (linked) {
    conversation.querySelectorAll(".turn").forEach(ready);
    return;
  }
  let turns = remembered();
  if (came) {
    const at = turns.findIndex((turn) => turn.question === came.dataset.question);
    if (at < 0) {
      turns = [...turns, { question: came.dataset.question, html: came.outerHTML }];
      remember(turns);
    }
  }
  for (const turn of turns) {
    if (came && turn.question === came.dataset.question) {
      conversation.append(came);
      continue;
    }
    const card = cardFrom(turn.html);
    if (card) conversation.append(card);
  }
  for (const hidden of form.querySelectorAll("input[name=h]")) hidden.remove();
  conversation.querySelectorAll(".turn").forEach(ready);
  if (turns.length) startIsOver();
  if (came) into(came);
}

restore();
