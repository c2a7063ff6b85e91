/* The frame for pages that run no script: the query says how the chat looks, the fragment may hold a
   widget token, which browsers never send to a server. */
"use strict";

const wanted = new URLSearchParams(location.search);
const chat = document.createElement("groundwire-chat");
chat.setAttribute("mode", "inline");
for (const name of ["heading", "greeting", "placeholder", "questions", "articles", "theme", "lang"]) {
  if (wanted.get(name)) chat.setAttribute(name, wanted.get(name));
}
if (/^#[0-9a-f]{6}$/i.test(wanted.get("accent") || "")) chat.style.setProperty("--groundwire-accent", wanted.get("accent"));

const takeToken = () => {
  const token = new URLSearchParams(location.hash.slice(1)).get("token");
  if (!token) return;
  chat.token = token;
  history.replaceState(null, "", location.pathname + location.search);
};

// a token ends after ten minutes: the page gives the next one by changing the fragment
addEventListener("hashchange", takeToken);
takeToken();
document.body.append(chat);
