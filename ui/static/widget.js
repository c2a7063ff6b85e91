/* Groundwire's widget: <groundwire-chat>. One file, no dependency, no cookie, no storage.

   One line:   <script src="https://SERVER/widget.js" crossorigin defer></script>
   Or:         <groundwire-chat server="https://SERVER" mode="inline"></groundwire-chat>

   Every text from outside becomes a text node; nothing is ever parsed as HTML. */
(() => {
  "use strict";

  const TEXTS = {
    en: {
      heading: "Ask the articles", greeting: "What would you like to know?",
      promise: "Every sentence of an answer is quoted from the articles. Where they do not say, the answer says so.",
      placeholder: "Ask a question", open: "Open the chat", close: "Close", back: "Back to the answer", send: "Ask",
      yes: "Yes", no: "No", stop: "Stop", searching: "Searching the articles", still: "Still reading the articles", you: "Your question",
      source: "Source {n}: {title}", sources: "{n} sources", oneSource: "1 source", sure: "high confidence",
      good: "good confidence", low: "low confidence", helpful: "Helpful", unhelpful: "Not helpful", thanks: "Noted. Thank you.",
      copy: "Copy with sources", copied: "Copied", nothing: "The articles do not say.", searched: "Searched for: {q}",
      understood: "Understood as: {q}", closest: "Closest passages", article: "Open in article",
      replaced: "The article was replaced since this answer was given. This is the passage as it was.",
      failed: "This question could not be answered.", offline: "The server cannot be reached. Check your connection and ask again.",
      again: "Ask again", stopped: "Stopped.", number: "Request {id}", more: "Try one of these", conversation: "Conversation",
      left: "{n} characters left", jump: "Jump to the quote", clear: "New conversation",
      sureMeans: "Of ten answers like this, at least nine are right.", goodMeans: "Of ten answers like this, seven to nine are right.",
      lowMeans: "Check the quote before you rely on it.", unrated: "Your rating was not saved.", uncopied: "The browser does not allow copying here.",
      cut: "The answer broke off on its way. Ask again.", 401: "This page may not ask at the moment. Reload it and ask again.",
      403: "This page may not ask this server. Tell the person who looks after the page.",
      404: "An article that this page searches is no longer there. Tell the person who looks after the page.",
      413: "The conversation has become too long. Begin a new one.",
      422: "The server does not take this question. Shorten it, or begin a new conversation.",
      429: "Too many questions at once. Ask again {when}.", 503: "The server has no free place right now. Ask again {when}.",
      504: "The search took too long. Ask more briefly.", 500: "The server could not answer. Ask again later.",
    },
    de: {
      heading: "Die Artikel fragen", greeting: "Was möchten Sie wissen?",
      promise: "Jeder Satz einer Antwort ist aus den Artikeln zitiert. Wo sie nichts sagen, sagt es die Antwort.",
      placeholder: "Frage stellen", open: "Chat öffnen", close: "Schließen", back: "Zurück zur Antwort", send: "Fragen",
      yes: "Ja", no: "Nein", stop: "Stopp", searching: "Die Artikel werden durchsucht", still: "Die Artikel werden noch gelesen", you: "Ihre Frage",
      source: "Quelle {n}: {title}", sources: "{n} Quellen", oneSource: "1 Quelle", sure: "hohe Sicherheit",
      good: "gute Sicherheit", low: "geringe Sicherheit", helpful: "Hilfreich", unhelpful: "Nicht hilfreich", thanks: "Vermerkt. Danke.",
      copy: "Mit Quellen kopieren", copied: "Kopiert", nothing: "Die Artikel sagen das nicht.", searched: "Gesucht: {q}",
      understood: "Verstanden als: {q}", closest: "Nächstliegende Stellen", article: "Im Artikel öffnen",
      replaced: "Der Artikel wurde seit dieser Antwort ersetzt. Dies ist die Stelle, wie sie war.",
      failed: "Diese Frage konnte nicht beantwortet werden.", offline: "Der Server ist nicht erreichbar. Prüfen Sie die Verbindung und fragen Sie noch einmal.",
      again: "Noch einmal fragen", stopped: "Angehalten.", number: "Anfrage {id}", more: "Zum Beispiel", conversation: "Gespräch",
      left: "noch {n} Zeichen", jump: "Zum Zitat springen", clear: "Neues Gespräch",
      sureMeans: "Von zehn solchen Antworten stimmen mindestens neun.", goodMeans: "Von zehn solchen Antworten stimmen sieben bis neun.",
      lowMeans: "Prüfen Sie das Zitat, bevor Sie sich darauf verlassen.", unrated: "Ihre Bewertung wurde nicht gespeichert.",
      uncopied: "Der Browser erlaubt das Kopieren hier nicht.",
      cut: "Die Antwort brach unterwegs ab. Fragen Sie noch einmal.", 401: "Diese Seite darf gerade nicht fragen. Laden Sie sie neu und fragen Sie noch einmal.",
      403: "Diese Seite darf diesen Server nicht fragen. Sagen Sie es der Person, die die Seite betreut.",
      404: "Ein Artikel, den diese Seite durchsucht, ist nicht mehr da. Sagen Sie es der Person, die die Seite betreut.",
      413: "Das Gespräch ist zu lang geworden. Beginnen Sie ein neues.",
      422: "Der Server nimmt diese Frage nicht an. Kürzen Sie sie, oder beginnen Sie ein neues Gespräch.",
      429: "Zu viele Fragen auf einmal. Fragen Sie {when} noch einmal.", 503: "Der Server hat gerade keinen freien Platz. Fragen Sie {when} noch einmal.",
      504: "Die Suche hat zu lange gedauert. Fragen Sie kürzer.", 500: "Der Server konnte nicht antworten. Fragen Sie später noch einmal.",
    },
    fr: {
      heading: "Interroger les articles", greeting: "Que voulez-vous savoir ?",
      promise: "Chaque phrase d’une réponse est citée des articles. Quand ils ne disent rien, la réponse le dit.",
      placeholder: "Posez une question", open: "Ouvrir le chat", close: "Fermer", back: "Retour à la réponse", send: "Demander",
      yes: "Oui", no: "Non", stop: "Arrêter", searching: "Recherche dans les articles", still: "Lecture des articles en cours", you: "Votre question",
      source: "Source {n} : {title}", sources: "{n} sources", oneSource: "1 source", sure: "confiance élevée",
      good: "bonne confiance", low: "confiance faible", helpful: "Utile", unhelpful: "Pas utile", thanks: "C’est noté. Merci.",
      copy: "Copier avec les sources", copied: "Copié", nothing: "Les articles ne le disent pas.", searched: "Recherché : {q}",
      understood: "Compris : {q}", closest: "Passages les plus proches", article: "Ouvrir dans l’article",
      replaced: "L’article a été remplacé depuis cette réponse. Voici le passage tel qu’il était.",
      failed: "Cette question n’a pas pu recevoir de réponse.", offline: "Le serveur est injoignable. Vérifiez la connexion et redemandez.",
      again: "Redemander", stopped: "Arrêté.", number: "Requête {id}", more: "Par exemple", conversation: "Conversation",
      left: "encore {n} caractères", jump: "Aller à la citation", clear: "Nouvelle conversation",
      sureMeans: "Sur dix réponses comme celle-ci, au moins neuf sont justes.", goodMeans: "Sur dix réponses comme celle-ci, sept à neuf sont justes.",
      lowMeans: "Vérifiez la citation avant de vous y fier.", unrated: "Votre avis n’a pas été enregistré.",
      uncopied: "Le navigateur ne permet pas de copier ici.",
      cut: "La réponse s’est interrompue en route. Redemandez.", 401: "Cette page ne peut pas interroger le serveur pour l’instant. Rechargez-la et redemandez.",
      403: "Cette page n’a pas le droit d’interroger ce serveur. Prévenez la personne qui s’occupe de la page.",
      404: "Un article que cette page interroge n’existe plus. Prévenez la personne qui s’occupe de la page.",
      413: "La conversation est devenue trop longue. Commencez-en une nouvelle.",
      422: "Le serveur n’accepte pas cette question. Raccourcissez-la ou commencez une nouvelle conversation.",
      429: "Trop de questions à la fois. Redemandez {when}.", 503: "Le serveur n’a pas de place libre pour l’instant. Redemandez {when}.",
      504: "La recherche a duré trop longtemps. Posez une question plus courte.", 500: "Le serveur n’a pas pu répondre. Redemandez plus tard.",
    },
  };

  const LIGHT = `--ink:var(--groundwire-text,#1d2129);--quiet:#5b6270;--line:#dfe2e8;--paper:var(--groundwire-background,#fff);
--pale:#f5f6f8;--accent:var(--groundwire-accent,#1f5fbf);--on:var(--groundwire-on-accent,#fff);--mark:#fff3bf;--strong:#ffd84d;
--bad:#b3261e;--shadow:0 0 0 1px #0b132014,0 4px 12px #0b13201a,0 16px 48px #0b132029;color-scheme:light`;
  const DARK = `--ink:var(--groundwire-text,#e8eaee);--quiet:#a3aab8;--line:#343a46;--paper:var(--groundwire-background,#171a20);
--pale:#20242c;--accent:var(--groundwire-accent,#8ab4f8);--on:var(--groundwire-on-accent,#10131a);--mark:#4a3f14;--strong:#7a6414;
--bad:#f2b8b5;--shadow:0 0 0 1px #ffffff1f,0 16px 48px #0009;color-scheme:dark`;
  const CSS = `
:host{display:contents!important}
:host([mode=inline]){display:block!important;height:var(--groundwire-height,600px)}
:host([hidden]){display:none!important}
.root{all:initial;${LIGHT};--radius:var(--groundwire-radius,16px);
  font:15px/22px var(--groundwire-font,system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",sans-serif);
  color:var(--ink);-webkit-text-size-adjust:100%;-webkit-font-smoothing:antialiased;text-align:start;direction:ltr;unicode-bidi:isolate;position:fixed;width:0;height:0;overflow:visible}
.root.inline{position:static;width:auto}
@media(prefers-color-scheme:dark){.root:not(.light){${DARK}}}
.root.dark{${DARK}}
.root.inline{display:block;height:100%}
*,*::before,*::after{box-sizing:border-box}
button,textarea{font:inherit;color:inherit;letter-spacing:inherit;margin:0}
button{background:none;border:0;padding:0;cursor:pointer;touch-action:manipulation}
p,h2,h3,blockquote,ol{margin:0;padding:0;font:inherit}
svg{width:20px;height:20px;display:block;fill:none;stroke:currentColor;stroke-width:1.75;stroke-linecap:round;stroke-linejoin:round}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
[hidden]{display:none!important}
.launch{position:fixed;z-index:2147483000;bottom:calc(20px + env(safe-area-inset-bottom));right:20px;width:56px;height:56px;border-radius:50%;
  background:var(--accent);color:var(--on);display:grid;place-items:center;box-shadow:var(--shadow);transition:transform .12s}
.launch:hover{transform:scale(1.05)}.launch svg{width:26px;height:26px}
.left .launch,.left .panel{right:auto;left:20px}
.panel{position:fixed;z-index:2147483001;bottom:calc(88px + env(safe-area-inset-bottom));right:20px;width:min(380px,calc(100vw - 40px));
  height:min(600px,calc(100dvh - 108px));display:flex;flex-direction:column;overflow:hidden;background:var(--paper);
  border-radius:var(--radius);box-shadow:var(--shadow);animation:rise .14s ease-out}
.inline .panel{position:relative;z-index:0;inset:auto;width:100%;height:100%;box-shadow:none;border:1px solid var(--line);animation:none}
@keyframes rise{from{opacity:0;transform:translateY(8px)}}
.bar{display:flex;align-items:center;gap:4px;min-height:56px;padding:8px 8px 8px 16px;border-bottom:1px solid var(--line);flex:none}
.bar h2{flex:1;min-width:0;font-weight:600;font-size:15px;line-height:20px;overflow:hidden;display:-webkit-box;-webkit-box-orient:vertical;-webkit-line-clamp:2}
.icon{width:40px;height:40px;border-radius:10px;display:grid;place-items:center;color:var(--quiet);flex:none}
.icon:hover{background:var(--pale);color:var(--ink)}
.log{flex:1;overflow-y:auto;overscroll-behavior:contain;padding:16px;display:flex;flex-direction:column;gap:12px;scrollbar-width:thin;scrollbar-color:var(--line) transparent}
.hello{margin:auto 0 0;padding:8px 0 4px}
.hello h3{font-size:22px;line-height:28px;font-weight:600;letter-spacing:-.01em;text-wrap:balance}
.hello p{color:var(--quiet);margin-top:8px}
.tries{display:flex;flex-direction:column;gap:8px;margin-top:16px}
.tries span{font-size:13px;line-height:20px;color:var(--quiet)}
.tries button{text-align:start;border:1px solid var(--line);border-radius:12px;padding:10px 12px;line-height:20px;transition:border-color .12s,background .12s}
.tries button:hover{border-color:var(--accent);background:var(--pale)}
.asked{align-self:flex-end;max-width:85%;background:var(--pale);border-radius:16px 16px 4px 16px;padding:8px 14px;overflow-wrap:anywhere;white-space:pre-line}
.asked:not(:first-child){margin-top:8px}
.card{border:1px solid var(--line);border-radius:14px;padding:14px 16px;overflow-wrap:anywhere;position:relative;background:var(--paper)}
.card>*+*{margin-top:8px}
.card.none{background:var(--pale)}
.short{font-size:24px;line-height:30px;font-weight:600;letter-spacing:-.01em;font-variant-numeric:tabular-nums}
.short.long{font-size:18px;line-height:25px;letter-spacing:0}
.said{font-weight:600}
.quiet{font-size:13px;line-height:20px;color:var(--quiet)}
.last{white-space:nowrap}
.chip{display:inline-grid;place-items:center;min-width:18px;height:18px;padding:0 5px;margin-inline-start:4px;border-radius:9px;background:var(--accent);
  color:var(--on);font-size:11px;line-height:18px;font-weight:600;text-decoration:none;font-variant-numeric:tabular-nums;vertical-align:2px;position:relative;cursor:pointer}
.chip::after{content:"";position:absolute;inset:-5px -3px}
.chip:hover{filter:brightness(1.1)}
.foot{display:flex;align-items:center;gap:4px;min-height:32px;margin:8px -8px -8px 0!important}
.foot .quiet{flex:1}
.foot .icon{width:32px;height:32px;border-radius:8px}.foot svg{width:16px;height:16px}
.sure{padding:2px 0;text-decoration:underline dotted;text-underline-offset:3px;border-radius:4px}.sure:hover{color:var(--ink)}
.aside{margin-top:14px!important}
.foot .icon[aria-pressed=true]{color:var(--accent);background:var(--pale)}
.line{position:absolute;top:-1px;left:14px;right:14px;height:2px;margin:0;overflow:hidden;border-radius:1px}
.line::before{content:"";position:absolute;inset:0;width:40%;background:var(--accent);border-radius:1px;animation:run 1.1s ease-in-out infinite}
@keyframes run{from{transform:translateX(-100%)}to{transform:translateX(260%)}}
details summary{cursor:pointer;color:var(--accent);font-size:14px;border-radius:4px}
blockquote.near{border-inline-start:2px solid var(--line);padding-inline-start:12px;margin-top:12px;font:14px/21px var(--serif)}
.near .quiet{font-family:inherit;margin-top:4px}
.retry{color:var(--accent);font-weight:600;border-radius:4px}
.form{flex:none;padding:8px 12px calc(12px + env(safe-area-inset-bottom))}
.box{display:flex;align-items:flex-end;gap:4px;border:1px solid var(--line);border-radius:14px;padding:4px;background:var(--paper);transition:border-color .12s}
.box:focus-within{border-color:var(--accent);box-shadow:0 0 0 1px var(--accent)}
.box textarea{flex:1;min-width:0;border:0;outline:0;background:none;resize:none;padding:7px 10px;font-size:16px;line-height:22px;height:36px;max-height:124px}
.box textarea::placeholder{color:var(--quiet);opacity:1}
.go{width:36px;height:36px;border-radius:10px;background:var(--accent);color:var(--on);display:grid;place-items:center;flex:none}
.go:disabled{background:var(--pale);color:var(--quiet);cursor:default}
.count{padding:4px 6px 0;text-align:end}
.pop{position:absolute;z-index:2;max-width:calc(100% - 24px);width:320px;background:var(--paper);border-radius:12px;box-shadow:var(--shadow);padding:10px 12px;pointer-events:none}
.pop p{font:14px/20px var(--serif);display:-webkit-box;-webkit-box-orient:vertical;-webkit-line-clamp:6;overflow:hidden}
.pop .quiet{line-height:18px;margin-bottom:4px}
.drawer{position:absolute;inset:0;z-index:3;background:var(--paper);display:flex;flex-direction:column;animation:slide .14s ease-out}
@keyframes slide{from{opacity:0;transform:translateX(16px)}}
.drawer .bar{padding-inline-start:8px}
.drawer .bar .chip{margin:0 4px 0 0;vertical-align:0;cursor:default}
.text{flex:1;overflow-y:auto;overscroll-behavior:contain;padding:16px 20px 32px;font:16px/26px var(--serif);white-space:pre-wrap;overflow-wrap:anywhere;scrollbar-width:thin;scrollbar-color:var(--line) transparent}
.gap{display:block;height:12px}
.text:focus-visible{outline-offset:-2px}
.note{font:13px/20px var(--groundwire-font,system-ui,sans-serif);color:var(--quiet);border:1px solid var(--line);border-radius:10px;padding:8px 12px;margin-bottom:12px;white-space:normal}
mark{background:var(--mark);color:inherit;border-radius:3px;padding:2px 0;box-decoration-break:clone;-webkit-box-decoration-break:clone}
mark strong{background:var(--strong);font-weight:600;border-radius:3px;padding:2px 1px}
.flash mark{animation:flash .9s ease-out 1}
@keyframes flash{from{background:var(--strong)}}
.under{flex:none;border-top:1px solid var(--line);padding:10px 20px calc(10px + env(safe-area-inset-bottom));display:flex;justify-content:space-between;gap:16px;font-size:13px;line-height:20px}
.under a,.under button{color:var(--accent);text-decoration:none;border-radius:4px}.under a:hover,.under button:hover{text-decoration:underline}
.root{--serif:Charter,"Bitstream Charter",Georgia,serif}
.seen{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
@media(max-width:480px){.root:not(.inline) .panel{inset:0;width:auto;height:100dvh;border-radius:0}.root.shown .launch{display:none}}
@media(prefers-reduced-motion:reduce){*,*::before,*::after{animation:none!important;transition:none!important;scroll-behavior:auto!important}
  .line::before{width:100%;opacity:.6}}
@media(forced-colors:active){.chip,.go,.launch,.panel{border:1px solid}mark{outline:2px solid}}
@media print{.root:not(.inline){display:none}}`;

  const ICONS = {
    chat: "M20 12a8 8 0 0 1-8 8H4l1.8-3.2A8 8 0 1 1 20 12ZM8.5 10.5h7M8.5 13.5h4.5", close: "M6 6l12 12M18 6 6 18", back: "M15 5l-7 7 7 7",
    send: "M12 19V5M6 11l6-6 6 6", stop: "M8 8h8v8H8Z", copy: "M9 9h10v10H9ZM15 9V5H5v10h4", done: "M5 12.5l4.5 4.5L19 7.5",
    up: "M7 11v9H4v-9Zm0 0 4-7a2 2 0 0 1 2.4 2.4L12.6 10H18a2 2 0 0 1 2 2.3l-1 6A2 2 0 0 1 17 20H7", clear: "M4 20h4L19 9l-4-4L4 16ZM13 7l4 4",
  };

  /** An element with attributes, listeners (`on…`) and children; texts become text nodes. */
  const h = (name, attributes = {}, ...children) => {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) {
      if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
      else if (value !== false && value != null) element.setAttribute(key, value === true ? "" : value);
    }
    element.append(...children.filter((child) => child != null && child !== false));
    return element;
  };

  const icon = (name) => {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
    svg.setAttribute("viewBox", "0 0 24 24");
    svg.setAttribute("aria-hidden", "true");
    path.setAttribute("d", ICONS[name]);
    if (name === "up") svg.dataset.thumb = "";
    svg.append(path);
    return svg;
  };

  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, key) => values[key]);

  // Direction overrides and zero-width characters can make a text read other than it is.
  const plain = (text) => String(text ?? "").replace(/[\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]/g, "");

  /** The beginning of a text as long as the server takes one: it counts code points. */
  const clipped = (text) => Array.from(text).slice(0, 2000).join("");

  /** A part of a text by code points, in which all offsets of the server count. */
  const slicer = (text) => {
    const points = Array.from(text);
    return (start, end) => plain(points.slice(start, end).join(""));
  };

  /** A text with room between its paragraphs: after a line that ends a sentence, and at an empty line. */
  const spaced = (text) => text.split(/(?<=^|[.!?:…”"’)])[ \t\r]*\n\s*|\n\s*\n\s*/)
    .flatMap((part, row) => (row ? [h("span", { class: "gap" }), part] : [part]));

  /** The nodes of `text` with the quote marked and the answer in it marked stronger.
      `first` is the offset of the text's beginning in the article. */
  const marked = (text, first, citation) => {
    const part = slicer(text);
    const [start, end] = [citation.start - first, citation.end - first];
    const mark = h("mark", { tabindex: "-1" });
    if (citation.answer_start == null || citation.answer_end == null) mark.append(...spaced(part(start, end)));
    else {
      const [from, to] = [citation.answer_start - first, citation.answer_end - first];
      mark.append(...spaced(part(start, from)), h("strong", {}, part(from, to)), ...spaced(part(to, end)));
    }
    return [...spaced(part(0, start)), mark, ...spaced(part(end))];
  };

  /** The events of a stream of server-sent events: [name, data]. */
  async function* events(response) {
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let held = "";
    try {
      for (;;) {
        const { value, done } = await reader.read();
        if (done) return;
        held += value;
        const blocks = held.split("\n\n");
        held = blocks.pop();
        for (const block of blocks) {
          const name = /^event: (.*)$/m.exec(block);
          const data = /^data: (.*)$/m.exec(block);
          if (name && data) yield [name[1], JSON.parse(data[1])];
        }
      }
    } finally {
      reader.cancel().catch(() => {});
    }
  }

  /** Why there is no answer: an HTTP status, "offline", or "cut" for a stream that broke off.
      The reader is told in their language; the server's own words are for the page's author. */
  class Problem extends Error {
    constructor(kind, body = {}, wait = body.retry_after_s) {
      super(body.detail || body.title || "");
      this.kind = kind;
      this.id = body.request_id || "";
      this.wait = Number(wait) || 60;
    }
  }

  const reach = (address, options) => fetch(address, options).catch((error) => {
    throw error.name === "AbortError" ? error : new Problem("offline", { detail: error.message });
  });

  const sureness = ({ confidence }) => (confidence >= 0.9 ? "sure" : confidence >= 0.7 ? "good" : "low");

  const script = document.currentScript;
  const source = script?.src || document.querySelector('script[src$="/widget.js"]')?.src || location.href;
  const home = new URL(".", source).href;
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(CSS);
  let serial = 0;

  class GroundwireChat extends HTMLElement {
    static observedAttributes = ["heading", "greeting", "placeholder", "questions", "position", "mode", "theme", "lang"];

    #root = this.attachShadow({ mode: "open" });
    #parts = null;
    #turns = [];
    #running = null;
    #stale = false;
    #token = null;
    #opener = null;

    /** A widget token to use until it expires; set it where no `token-url` can be had. */
    token = "";

    constructor() {
      super();
      this.#root.adoptedStyleSheets = [sheet];
    }

    connectedCallback() {
      if (this.#parts) this.#raise(this.#parts.root);
      else this.#build();
    }

    disconnectedCallback() {
      this.#running?.abort();
    }

    attributeChangedCallback(name, before, now) {
      if (!this.#parts || before === now) return;
      if (name === "theme" || name === "position") this.#dress(this.#parts.root);
      else if (this.#running) this.#stale = true;
      else this.#rebuild();
    }

    get isOpen() {
      return Boolean(this.#parts) && !this.#parts.panel.hidden;
    }

    open() {
      const { panel, root, launch, field } = this.#parts;
      if (this.isOpen) return;
      panel.hidden = false;
      root.classList.add("shown");
      launch?.setAttribute("aria-expanded", "true");
      launch?.replaceChildren(icon("close"));
      this.#opener = this.#root.activeElement;
      field.focus({ preventScroll: true });
      this.#tell("open");
    }

    close() {
      const { panel, root, launch } = this.#parts;
      if (!launch || !this.isOpen) return;
      this.#closeDrawer();
      panel.hidden = true;
      root.classList.remove("shown");
      launch.setAttribute("aria-expanded", "false");
      launch.replaceChildren(icon("chat"));
      launch.focus({ preventScroll: true });
      this.#tell("close");
    }

    /** Asks a question as if it had been typed. Resolves to the answer, or to null without one. */
    async ask(question) {
      const asked = clipped(String(question).trim());
      if (!asked || this.#running) return null;
      if (this.#parts.launch) this.open();
      this.#closeDrawer();
      const { log, field, clear, hello } = this.#parts;
      hello.remove();
      clear.hidden = false;
      field.value = "";
      this.#typed();
      const bubble = h("div", { class: "asked" }, h("span", { class: "seen" }, this.#say("you") + ": "), h("bdi", {}, plain(asked)));
      const step = h("p", { class: "quiet" });
      const card = h("article", { class: "card", "aria-busy": "true" }, h("div", { class: "line" }), step);
      const doing = (key) => this.#announce((step.textContent = this.#say(key)));
      log.append(bubble, card);
      this.#scrollTo(bubble);
      doing("searching");
      const late = setTimeout(doing, 8000, "still");
      this.#running = new AbortController();
      this.#working(true);
      this.#tell("ask", { question: asked });
      const turns = this.#turns;
      let answer = null;
      try {
        const [given, id] = await this.#stream(asked, turns, this.#running.signal);
        this.#showAnswer(card, given, id);
        answer = given;
      } catch (error) {
        this.#showFault(card, error, asked, bubble);
      } finally {
        clearTimeout(late);
        card.removeAttribute("aria-busy");
        this.#running = null;
        this.#working(false);
        if (bubble.isConnected) this.#scrollTo(bubble);
        if (this.#stale) this.#rebuild();
      }
      if (answer) {
        turns.push({
          question: clipped(answer.question), standalone_question: clipped(answer.standalone_question || ""),
          short_answer: clipped(answer.short_answer || ""), sentences: answer.sentences.slice(0, 20).map((sentence) => clipped(sentence.text)),
        });
        this.#tell("answered", { question: asked, answer });
      }
      return answer;
    }

    /** Ends the question that is being answered. */
    stop() {
      this.#running?.abort();
    }

    /** Begins a new conversation. */
    clear() {
      this.stop();
      this.#turns = [];
      this.#build(this.isOpen);
      this.#parts.field.focus({ preventScroll: true });
    }

    // ── what it is made of ──────────────────────────────────────────────────────────────────────

    get #inline() {
      return this.getAttribute("mode") === "inline";
    }

    get #server() {
      return new URL(this.getAttribute("server") || home, location.href).href.replace(/\/?$/, "/");
    }

    get #language() {
      const wanted = (this.getAttribute("lang") || document.documentElement.lang).slice(0, 2).toLowerCase();
      return wanted in TEXTS ? wanted : "en";
    }

    /** The articles' own pages ask for a key that readers do not have: where a token is used, nothing links to them. */
    get #linked() {
      return !this.hasAttribute("token-url") && !this.token;
    }

    #say(key, values = {}) {
      return fill(TEXTS[this.#language][key], values);
    }

    /** Says a text to screen readers. */
    #announce(text) {
      this.#parts.told.textContent = plain(text);
    }

    #build(open = false) {
      const inline = this.#inline;
      const name = `gw-heading-${++serial}`;
      const heading = this.getAttribute("heading") || this.#say("heading");
      const field = h("textarea", {
        rows: "1", maxlength: "2000", enterkeyhint: "send", "aria-label": this.getAttribute("placeholder") || this.#say("placeholder"),
        placeholder: this.getAttribute("placeholder") || this.#say("placeholder"),
        oninput: () => this.#typed(),
        onkeydown: (event) => {
          if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
          event.preventDefault();
          this.ask(field.value);
        },
      });
      const go = h("button", { class: "go", type: "button", "aria-label": this.#say("send"), disabled: true, onclick: () => {
        if (this.#running) this.stop();
        else this.ask(field.value);
      } }, icon("send"));
      const count = h("p", { class: "count quiet", hidden: true });
      const hello = this.#hello();
      const log = h("div", { class: "log", role: "log", "aria-live": "off", "aria-label": this.#say("conversation"), tabindex: "0",
        onscroll: () => this.#hidePop() }, hello);
      const clear = h("button", { class: "icon", type: "button", hidden: true, "aria-label": this.#say("clear"), title: this.#say("clear"),
        onclick: () => this.clear() }, icon("clear"));
      const bar = h("div", { class: "bar" }, h("h2", { id: name }, plain(heading)), clear,
        !inline && h("button", { class: "icon", type: "button", "aria-label": this.#say("close"), onclick: () => this.close() }, icon("close")));
      const form = h("div", { class: "form" }, h("div", { class: "box" }, field, go), count);
      const told = h("p", { class: "seen", role: "status" });
      const panel = h("section", { class: "panel", role: inline ? "region" : "dialog", "aria-labelledby": name, hidden: !inline && !open,
        onkeydown: (event) => this.#key(event) }, bar, log, form, told);
      const launch = inline ? null : h("button", { class: "launch", type: "button", "aria-expanded": String(open), "aria-haspopup": "dialog",
        "aria-label": `${this.#say("open")}: ${plain(heading)}`, onclick: () => (this.isOpen ? this.close() : this.open()) }, icon(open ? "close" : "chat"));
      const root = h("div", { class: ["root", inline && "inline", open && "shown"].filter(Boolean).join(" "), part: "root" }, launch, panel);
      this.#dress(root);
      // in the top layer nothing of the page covers, clips, turns or dims it
      if (!inline && "popover" in root) root.popover = "manual";
      this.#root.replaceChildren(root);
      this.#raise(root);
      this.#parts = { root, launch, panel, bar, log, form, field, go, count, clear, hello, told, drawer: null, pop: null };
      this.#stale = false;
    }

    /** Builds it anew around the conversation and what is typed. */
    #rebuild() {
      this.#closeDrawer();
      const old = this.#parts;
      const said = [...old.log.children].filter((child) => child !== old.hello);
      const [top, focused] = [old.log.scrollTop, this.#root.activeElement];
      this.#build(this.isOpen);
      const { log, field, clear, hello } = this.#parts;
      if (said.length) {
        hello.remove();
        clear.hidden = false;
        log.append(...said);
        log.scrollTop = top;
      }
      field.value = old.field.value;
      this.#typed();
      if (focused) (focused.isConnected ? focused : field).focus({ preventScroll: true });
    }

    #dress({ classList }) {
      const theme = this.getAttribute("theme");
      for (const known of ["light", "dark"]) classList.toggle(known, theme === known);
      classList.toggle("left", this.getAttribute("position") === "bottom-left");
    }

    #raise(root) {
      if (root.popover && this.isConnected && !root.matches(":popover-open")) root.showPopover();
    }

    #hello() {
      const questions = (this.getAttribute("questions") || "").split("|").map((text) => text.trim()).filter(Boolean).slice(0, 4);
      return h("div", { class: "hello" },
        h("h3", {}, plain(this.getAttribute("greeting") || this.#say("greeting"))),
        h("p", {}, this.#say("promise")),
        questions.length > 0 && h("div", { class: "tries", role: "group", "aria-label": this.#say("more") }, h("span", {}, this.#say("more")),
          ...questions.map((text) => h("button", { type: "button", onclick: () => this.#askHere(text) }, plain(text)))));
    }

    /** Asks from a button that goes away with it. */
    #askHere(question) {
      this.ask(question);
      if (!this.#root.activeElement) this.#rest();
    }

    /** Keeps the focus in the chat, where Escape and Tab work; on a touch screen without opening the keyboard. */
    #rest() {
      const { log, field } = this.#parts;
      (matchMedia("(pointer:coarse)").matches ? log : field).focus({ preventScroll: true });
    }

    #typed() {
      const { field, go, count } = this.#parts;
      field.style.height = "36px";
      field.style.height = `${Math.min(124, field.scrollHeight)}px`;
      const left = 2000 - field.value.length;
      count.hidden = left > 200;
      count.textContent = this.#say("left", { n: left });
      if (!this.#running) go.disabled = !field.value.trim();
    }

    #working(on) {
      const { go } = this.#parts;
      go.setAttribute("aria-label", this.#say(on ? "stop" : "send"));
      go.replaceChildren(icon(on ? "stop" : "send"));
      const idle = !on && !this.#parts.field.value.trim();
      if (idle && this.#root.activeElement === go) this.#rest();
      go.disabled = idle;
    }

    #scrollTo(element) {
      const { log } = this.#parts;
      log.scrollTop = element.offsetTop - log.offsetTop - 12;
    }

    #key(event) {
      if (event.key === "Escape" && !event.isComposing && this.#stepBack()) {
        event.stopPropagation();
        event.preventDefault();
      }
      if (event.key !== "Tab" || !this.#parts.launch) return;
      const within = this.#parts.drawer || this.#parts.panel;
      const all = [...within.querySelectorAll("button:not(:disabled),a[href],textarea,summary,[tabindex='0']")].filter((item) => item.getClientRects().length);
      const here = this.#root.activeElement;
      const [first, last] = [all[0], all[all.length - 1]];
      if (event.shiftKey ? here === first || !all.includes(here) : here === last) {
        event.preventDefault();
        (event.shiftKey ? last : first).focus();
      }
    }

    /** Ends what was begun last; false where nothing was. */
    #stepBack() {
      if (this.#parts.pop) this.#hidePop();
      else if (this.#parts.drawer) this.#closeDrawer();
      else if (this.#running) this.stop();
      else if (this.#parts.launch) this.close();
      else return false;
      return true;
    }

    #tell(name, detail = {}) {
      this.dispatchEvent(new CustomEvent(name, { detail }));
    }

    // ── the server ──────────────────────────────────────────────────────────────────────────────

    /** A request with the token, if there is one; a refused token is renewed once. */
    async #fetch(path, options = {}, renewed = false) {
      const token = await this.#accessToken(renewed, options.signal);
      const headers = { ...(options.body && { "Content-Type": "application/json" }), ...(token && { Authorization: `Bearer ${token}` }) };
      const response = await reach(this.#server + path, { credentials: "same-origin", referrerPolicy: "no-referrer", ...options, headers });
      if (response.status === 401 && !renewed && this.hasAttribute("token-url")) return this.#fetch(path, options, true);
      if (!response.ok) throw new Problem(response.status, Object(await response.json().catch(() => null)), response.headers.get("Retry-After"));
      return response;
    }

    async #accessToken(renew, signal) {
      const address = this.getAttribute("token-url");
      if (!address) return this.token;
      if (renew || !this.#token || this.#token.until < Date.now()) {
        const url = new URL(address, location.href);
        const response = await reach(url, { credentials: "same-origin", headers: { Accept: "application/json" }, signal });
        const { token, expires_in: seconds = 60 } = Object(response.ok && await response.json().catch(() => null));
        if (!token) throw new Problem(401, { detail: `${url.pathname} gave no token: ${response.status}` });
        this.#token = { token, until: Date.now() + Math.max(5, seconds - 30) * 1000 };
      }
      return this.#token.token;
    }

    /** The answer and its request id. */
    async #stream(question, turns, signal) {
      const response = await this.#fetch("api/v1/ask/stream", { method: "POST", body: this.#body(question, turns), signal });
      let id = "";
      let detail = "The stream ended without an answer.";
      try {
        for await (const [name, data] of events(response)) {
          if (name === "started") id = data.request_id;
          if (name === "error") throw new Problem(data.status, data);
          if (name === "done") return [data, id];
        }
      } catch (error) {
        if (error instanceof Problem || error.name === "AbortError") throw error;
        detail = error.message;
      }
      throw new Problem("cut", { detail, request_id: id });
    }

    /** The question with as many of the last turns as the server takes: a body has at most 64 KiB. */
    #body(question, turns) {
      const articles = (this.getAttribute("articles") || "").split(/[\s,]+/).filter(Boolean);
      for (let conversation = turns.slice(-6); ; conversation = conversation.slice(1)) {
        const body = JSON.stringify({ question, articles, conversation });
        if (!conversation.length || new Blob([body]).size < 60000) return body;
      }
    }

    // ── answers ─────────────────────────────────────────────────────────────────────────────────

    #showAnswer(card, answer, id) {
      const asked = answer.standalone_question;
      const understood = asked && asked.toLowerCase() !== answer.question.trim().toLowerCase();
      if (answer.abstained) {
        card.classList.add("none");
        card.replaceChildren(...[
          h("p", { class: "said" }, this.#say("nothing")),
          asked && h("p", { class: "quiet" }, h("bdi", {}, plain(this.#say("searched", { q: asked })))),
          answer.passages.length > 0 && h("details", {}, h("summary", {}, this.#say("closest")),
            ...answer.passages.slice(0, 3).map((passage) => h("blockquote", { class: "near" }, h("bdi", {}, plain(passage.text)),
              h("p", { class: "quiet" }, plain(passage.title))))),
          ...this.#foot(answer, id),
        ].filter(Boolean));
        this.#announce(this.#say("nothing"));
        return;
      }
      const cited = new Map(answer.citations.map((citation) => [citation.number, citation]));
      const line = h("p");
      for (const sentence of answer.sentences) {
        const chips = sentence.citations.map((number) => this.#chip(cited.get(number), answer));
        const text = plain(sentence.text);
        const cut = text.lastIndexOf(" ") + 1;
        // the last word and its chips stay on one line
        line.append(h("bdi", {}, text.slice(0, cut), h("span", { class: text.length - cut < 30 && "last" }, text.slice(cut), ...chips)), " ");
      }
      const lead = this.#lead(answer);
      card.replaceChildren(...[
        understood && h("p", { class: "quiet" }, h("bdi", {}, plain(this.#say("understood", { q: asked })))),
        lead && h("p", { class: lead.length > 60 ? "short long" : "short" }, h("bdi", {}, plain(lead))),
        line,
        ...this.#foot(answer, id),
      ].filter(Boolean));
      const said = lead ? `${lead}.` : answer.sentences.map((sentence) => sentence.text).join(" ");
      this.#announce(`${said} ${this.#say(sureness(answer))}`);
    }

    #chip(citation, answer) {
      const linked = this.#linked;
      const chip = h(linked ? "a" : "button", {
        class: "chip", ...(linked ? { href: this.#articleLink(citation), target: "_blank", rel: "noopener" } : { type: "button" }),
        "aria-label": plain(this.#say("source", { n: citation.number, title: citation.title })),
        onclick: (event) => {
          if (linked && (event.ctrlKey || event.metaKey || event.shiftKey)) return;
          event.preventDefault();
          this.#openDrawer(citation, answer, chip);
        },
        onpointerenter: (event) => event.pointerType === "mouse" && this.#showPop(chip, citation),
        onpointerleave: () => this.#hidePop(),
        onfocus: () => chip.matches(":focus-visible") && this.#showPop(chip, citation),
        onblur: () => this.#hidePop(),
      }, String(citation.number));
      return chip;
    }

    #articleLink(citation) {
      const query = new URLSearchParams({ start: citation.start, end: citation.end, version: citation.sha256.slice(0, 16) });
      return `${this.#server}articles/${encodeURIComponent(citation.document)}?${query}#span`;
    }

    /** The quiet line with the actions, and the line under it that they write in. */
    #foot(answer, id) {
      const aside = h("p", { class: "quiet aside", id: `gw-aside-${++serial}`, hidden: true });
      let open = false;
      const note = (text, means = false) => {
        open = means;
        aside.textContent = text;
        aside.hidden = !text;
        sure.setAttribute("aria-expanded", String(means));
        this.#announce(text);
        aside.scrollIntoView({ block: "nearest" });
      };
      const level = sureness(answer);
      const sure = h("button", { class: "sure", type: "button", "aria-expanded": "false", "aria-controls": aside.id,
        onclick: () => note(open ? "" : this.#say(`${level}Means`), !open) }, this.#say(level));
      const votes = [true, false].map((helpful) => h("button", { class: "icon", type: "button", "aria-pressed": "false",
        "aria-label": this.#say(helpful ? "helpful" : "unhelpful"), title: this.#say(helpful ? "helpful" : "unhelpful"),
        onclick: async () => {
          await this.#fetch("api/v1/feedback", { method: "POST", body: JSON.stringify({ request_id: id, helpful }) }).then(
            () => {
              votes.forEach((vote, index) => vote.setAttribute("aria-pressed", String(helpful === (index === 0))));
              note(this.#say("thanks"));
            },
            (error) => {
              console.warn("groundwire-chat:", error);
              note(this.#say(error.kind === "offline" ? "offline" : "unrated"));
            },
          );
        } }, icon("up")));
      votes[1].firstChild.style.transform = "rotate(180deg)";
      const copy = h("button", { class: "icon", type: "button", "aria-label": this.#say("copy"), title: this.#say("copy"),
        onclick: async () => {
          const done = await this.#copy(this.#asText(answer));
          if (done) copy.replaceChildren(icon("done"));
          note(this.#say(done ? "copied" : "uncopied"));
        } }, icon("copy"));
      const count = answer.citations.length;
      const sources = count === 1 ? this.#say("oneSource") : this.#say("sources", { n: count });
      const said = h("span", { class: "quiet" }, ...(answer.abstained ? [] : [`${sources} · `, sure]));
      return [h("div", { class: "foot" }, said, !answer.abstained && copy, ...votes), aside];
    }

    /** Copies a text. Pages without https have no clipboard interface and some frames may not use it:
        there a selection is copied. False where the browser allows neither. */
    async #copy(text) {
      if (await navigator.clipboard?.writeText(text).then(() => true, () => false)) return true;
      const focused = this.#root.activeElement;
      const holder = h("textarea", { class: "seen" });
      holder.value = text;
      this.#parts.panel.append(holder);
      holder.select();
      const done = document.execCommand("copy");
      holder.remove();
      focused?.focus({ preventScroll: true });
      return done;
    }

    #lead(answer) {
      return answer.verdict ? this.#say(answer.verdict) : answer.short_answer;
    }

    #asText(answer) {
      const sentences = answer.sentences.map((sentence) => `${sentence.text} ${sentence.citations.map((number) => `[${number}]`).join("")}`);
      const sources = answer.citations.map((citation) => `[${citation.number}] ${citation.title}: “${citation.quote}”${this.#linked ? ` ${this.#articleLink(citation)}` : ""}`);
      return [this.#lead(answer), sentences.join(" "), sources.join("\n")].filter(Boolean).join("\n\n");
    }

    #showFault(card, error, asked, bubble) {
      const stopped = error.name === "AbortError";
      const said = this.#say(stopped ? "stopped" : "failed");
      const why = stopped ? "" : this.#why(error);
      if (!stopped) console.warn("groundwire-chat:", error);
      card.classList.add("none");
      card.replaceChildren(...[
        h("p", { class: "said" }, said),
        why && h("p", {}, why),
        error.id && h("p", { class: "quiet" }, this.#say("number", { id: plain(error.id) })),
        h("button", { class: "retry", type: "button", onclick: () => {
          if (this.#running) return;
          bubble.remove();
          card.remove();
          this.#askHere(asked);
        } }, this.#say("again")),
      ].filter(Boolean));
      if (card.isConnected) this.#announce(`${said} ${why}`);
    }

    /** What happened and what to do, in the reader's language. */
    #why({ kind, wait }) {
      const long = wait > 90;
      const time = new Intl.RelativeTimeFormat(this.#language);
      const when = kind && time.format(Math.ceil(long ? wait / 60 : wait), long ? "minute" : "second");
      return this.#say(kind in TEXTS.en ? kind : 500, { when });
    }

    // ── sources ─────────────────────────────────────────────────────────────────────────────────

    #showPop(chip, citation) {
      this.#hidePop();
      const { panel } = this.#parts;
      const pop = h("div", { class: "pop", "aria-hidden": "true" }, h("div", { class: "quiet" }, plain(citation.title)), h("p", {}, plain(citation.quote)));
      panel.append(pop);
      const [at, box] = [chip.getBoundingClientRect(), panel.getBoundingClientRect()];
      const below = at.top - box.top < pop.offsetHeight + 16;
      pop.style.left = `${Math.max(12, Math.min(at.left - box.left - 24, box.width - pop.offsetWidth - 12))}px`;
      pop.style.top = `${below ? at.bottom - box.top + 8 : at.top - box.top - pop.offsetHeight - 8}px`;
      this.#parts.pop = pop;
    }

    #hidePop() {
      this.#parts.pop?.remove();
      this.#parts.pop = null;
    }

    async #openDrawer(citation, answer, chip) {
      this.#hidePop();
      this.#closeDrawer();
      const passage = answer.passages.find((item) => item.document === citation.document && item.start <= citation.start && item.end >= citation.end);
      const text = h("div", { class: "text flash", tabindex: "0", "aria-label": plain(citation.title) },
        ...(passage ? marked(passage.text, passage.start, citation) : marked(citation.quote, citation.start, citation)));
      const back = h("button", { class: "icon", type: "button", "aria-label": this.#say("back"), onclick: () => this.#closeDrawer() }, icon("back"));
      const drawer = h("div", { class: "drawer", role: "dialog", "aria-label": plain(this.#say("source", { n: citation.number, title: citation.title })) },
        h("div", { class: "bar" }, back, h("span", { class: "chip", "aria-hidden": "true" }, String(citation.number)), h("h2", {}, plain(citation.title))),
        text,
        h("div", { class: "under" },
          h("button", { type: "button", onclick: () => this.#showMark(text) }, this.#say("jump")),
          this.#linked && h("a", { href: this.#articleLink(citation), target: "_blank", rel: "noopener" }, this.#say("article"))));
      drawer.from = chip;
      this.#parts.drawer = drawer;
      this.#parts.panel.append(drawer);
      this.#cover(true);
      back.focus({ preventScroll: true });
      const article = await this.#fetch(`api/v1/articles/${encodeURIComponent(citation.document)}`).then((response) => response.json()).catch(() => null);
      if (this.#parts.drawer !== drawer) return;
      if (article && article.sha256 === citation.sha256) text.replaceChildren(...marked(article.text, 0, citation));
      else if (article) {
        text.prepend(h("p", { class: "note" }, this.#say("replaced")));
        this.#announce(this.#say("replaced"));
      }
      this.#showMark(text);
    }

    #showMark(text) {
      const mark = text.querySelector("mark");
      const room = Math.max(16, (text.clientHeight - mark.offsetHeight) / 3);
      text.scrollTop = mark.offsetTop - text.offsetTop - room;
    }

    #closeDrawer() {
      const { drawer } = this.#parts;
      if (!drawer) return;
      this.#parts.drawer = null;
      drawer.remove();
      this.#cover(false);
      drawer.from.focus({ preventScroll: true });
      this.#hidePop();
    }

    /** What the source covers takes no focus. */
    #cover(covered) {
      const { bar, log, form } = this.#parts;
      for (const part of [bar, log, form]) part.inert = covered;
    }
  }

  if (!customElements.get("groundwire-chat")) customElements.define("groundwire-chat", GroundwireChat);

  // One line is enough: without an element of its own on the page, the script adds the launcher.
  const start = () => {
    if (!script || script.dataset.auto === "off" || document.querySelector("groundwire-chat")) return;
    const element = document.createElement("groundwire-chat");
    for (const [key, value] of Object.entries(script.dataset)) {
      element.setAttribute(key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`), value);
    }
    document.body.append(element);
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
