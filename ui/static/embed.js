/* The generator of the widget's tag: what is chosen is shown at once, and written as a tag. */
"use strict";

const form = document.getElementById("options");
const preview = document.getElementById("preview");
const code = document.querySelector("#tag code");
const tabs = [...document.querySelectorAll("[role=tab]")];
const server = new URL(".", location.href).href;
let kind = "line";

const chosen = () => {
  const values = {};
  for (const name of ["heading", "greeting", "theme", "lang", "position", "token-url"]) {
    const value = form.elements[name].value.trim();
    if (value) values[name] = value;
  }
  const questions = form.elements.questions.value.split("\n").map((line) => line.trim()).filter(Boolean).slice(0, 4);
  if (questions.length) values.questions = questions.join("|");
  const articles = [...form.elements.articles.selectedOptions].map((option) => option.value);
  if (articles.length) values.articles = articles.join(" ");
  return values;
};

const style = () => {
  const [accent, radius] = [form.elements.accent.value, form.elements.radius.value];
  return [accent !== "#1f5fbf" && `--groundwire-accent:${accent}`, radius !== "16" && `--groundwire-radius:${radius}px`].filter(Boolean).join(";");
};

const escape = (text) => text.replace(/&/g, "&amp;").replace(/"/g, "&quot;").replace(/</g, "&lt;");
const attributes = (values, prefix = "") => Object.entries(values).map(([key, value]) => ` ${prefix}${key}="${escape(value)}"`).join("");

const tag = () => {
  const values = chosen();
  const css = style();
  if (kind === "line") {
    const properties = css ? `<style>groundwire-chat{${css}}</style>\n` : "";
    return `${properties}<script src="${server}widget.js"${attributes(values, "data-")} crossorigin defer></script>`;
  }
  delete values.position;
  if (kind === "element") {
    const styled = css ? ` style="${css}"` : "";
    return `<script src="${server}widget.js" crossorigin defer></script>\n<groundwire-chat mode="inline"${attributes(values)}${styled}></groundwire-chat>`;
  }
  delete values["token-url"];
  if (form.elements.accent.value !== "#1f5fbf") values.accent = form.elements.accent.value;
  const query = new URLSearchParams(values).toString();
  return `<iframe src="${escape(`${server}embed/frame${query ? `?${query}` : ""}`)}" title="${escape(values.heading || "Ask the articles")}" width="380" height="600" style="border:0" allow="clipboard-write" referrerpolicy="origin"></iframe>`;
};

const show = () => {
  const values = chosen();
  delete values["token-url"];
  delete values.position;
  const chat = document.createElement("groundwire-chat");
  chat.setAttribute("mode", "inline");
  for (const [key, value] of Object.entries(values)) chat.setAttribute(key, value);
  chat.style.setProperty("--groundwire-accent", form.elements.accent.value === "#1f5fbf" ? "" : form.elements.accent.value);
  chat.style.setProperty("--groundwire-radius", `${form.elements.radius.value}px`);
  preview.replaceChildren(chat);
  code.textContent = tag();
};

const select = (tab) => {
  for (const each of tabs) {
    each.setAttribute("aria-selected", String(each === tab));
    each.tabIndex = each === tab ? 0 : -1;
  }
  kind = tab.id.replace("tab-", "");
  document.getElementById("tag").setAttribute("aria-labelledby", tab.id);
  code.textContent = tag();
};

for (const tab of tabs) {
  tab.addEventListener("click", () => select(tab));
  tab.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const next = tabs[(tabs.indexOf(tab) + step + tabs.length) % tabs.length];
    select(next);
    next.focus();
  });
}

document.getElementById("copy").addEventListener("click", async (event) => {
  // a page without https has no clipboard interface: there the selection is copied
  const written = await navigator.clipboard?.writeText(code.textContent).then(() => true, () => false);
  if (!written) getSelection().selectAllChildren(code);
  event.target.textContent = written || document.execCommand("copy") ? "Copied" : "Press Ctrl+C";
});
document.getElementById("needs").textContent = `script-src ${location.origin}; connect-src ${location.origin}`;
form.addEventListener("input", show);
form.addEventListener("submit", (event) => event.preventDefault());

fetch("api/v1/articles?limit=1000")
  .then((response) => response.json())
  .then(({ articles = [] }) => {
    form.elements.articles.replaceChildren(...articles.map((article) => new Option(article.title, article.id)));
  })
  .catch(() => form.elements.articles.closest("label").remove());
show();
