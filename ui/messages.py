"""Every word of the page in English, German and French. Texts are plain; rendering escapes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, get_args

Language = Literal["en", "de", "fr"]
LANGUAGES: dict[Language, str] = {"en": "English", "de": "Deutsch", "fr": "Français"}

# Each key with its English, German and French text.
_TEXTS: dict[str, tuple[str, str, str]] = {
    "ask": ("Ask", "Fragen", "Demander"),
    "stop": ("Stop", "Stopp", "Arrêter"),
    "question": ("Question", "Frage", "Question"),
    "placeholder": (
        "Ask about the articles",
        "Fragen Sie etwas zu den Artikeln",
        "Posez une question sur les articles",
    ),
    "one_article": ("1 article", "1 Artikel", "1 article"),
    "articles": ("{count} articles", "{count} Artikel", "{count} articles"),
    "invitation": (
        "What would you like to know?",
        "Was möchten Sie wissen?",
        "Que voulez-vous savoir ?",
    ),
    "promise": (
        "Every sentence of an answer is quoted from the articles. Where they do not say, the answer "
        "says so.",
        "Jeder Satz einer Antwort ist aus den Artikeln zitiert. Wo sie nichts sagen, sagt es die "
        "Antwort.",
        "Chaque phrase d’une réponse est citée des articles. Quand ils ne disent rien, la réponse "
        "le dit.",
    ),
    "try": ("Try one of these", "Zum Beispiel", "Par exemple"),
    "conversation": ("Conversation", "Gespräch", "Conversation"),
    "your_question": ("Your question", "Ihre Frage", "Votre question"),
    "answer": ("Answer", "Antwort", "Réponse"),
    "understood": (
        "Understood as: {question}",
        "Verstanden als: {question}",
        "Compris : {question}",
    ),
    "sources": ("Sources", "Quellen", "Sources"),
    "source": ("Source {number}: {title}", "Quelle {number}: {title}", "Source {number} : {title}"),
    "no_sources": (
        "The quotes behind an answer appear here.",
        "Hier erscheinen die Zitate, auf denen eine Antwort beruht.",
        "Les citations qui fondent une réponse apparaissent ici.",
    ),
    "open_article": ("Open in article", "Im Artikel öffnen", "Ouvrir dans l’article"),
    "read_here": ("Read here", "Hier lesen", "Lire ici"),
    "back_to_sources": ("Back to sources", "Zurück zu den Quellen", "Retour aux sources"),
    "also_looked_at": ("Also looked at", "Auch angesehen", "Aussi consulté"),
    "closest": ("Closest passages", "Nächstliegende Stellen", "Passages les plus proches"),
    "not_said": (
        "The articles do not say.",
        "Die Artikel sagen das nicht.",
        "Les articles ne le disent pas.",
    ),
    "searched_for": ("Searched for: {question}", "Gesucht: {question}", "Recherché : {question}"),
    "searched_in": ("Searched in: {where}", "Gesucht in: {where}", "Recherché dans : {where}"),
    "nothing_to_search": (
        "nothing that can be searched for",
        "nichts, wonach gesucht werden kann",
        "rien que l’on puisse rechercher",
    ),
    "high confidence": (
        "High confidence: of ten answers like this, at least nine are right",
        "Hohe Sicherheit: Von zehn solchen Antworten stimmen mindestens neun",
        "Confiance élevée : sur dix réponses comme celle-ci, au moins neuf sont justes",
    ),
    "good confidence": (
        "Good confidence: of ten answers like this, seven to nine are right",
        "Gute Sicherheit: Von zehn solchen Antworten stimmen sieben bis neun",
        "Bonne confiance : sur dix réponses comme celle-ci, sept à neuf sont justes",
    ),
    "low confidence": (
        "Low confidence: check the quote before you rely on it",
        "Geringe Sicherheit: Prüfen Sie das Zitat, bevor Sie sich darauf verlassen",
        "Confiance faible : vérifiez la citation avant de vous y fier",
    ),
    "confidence_short": (
        "high confidence|good confidence|low confidence",
        "hohe Sicherheit|gute Sicherheit|geringe Sicherheit",
        "confiance élevée|bonne confiance|confiance faible",
    ),
    "searching_one": (
        "Searching 1 article",
        "1 Artikel wird durchsucht",
        "Recherche dans 1 article",
    ),
    "searching": (
        "Searching {count} articles",
        "{count} Artikel werden durchsucht",
        "Recherche dans {count} articles",
    ),
    "reading": (
        "Read {done} of {total} passages",
        "{done} von {total} Textstellen gelesen",
        "{done} passages lus sur {total}",
    ),
    "yes": ("Yes", "Ja", "Oui"),
    "no": ("No", "Nein", "Non"),
    "stopped": ("Stopped.", "Angehalten.", "Arrêté."),
    "failed": (
        "This question could not be answered.",
        "Diese Frage konnte nicht beantwortet werden.",
        "Cette question n’a pas pu recevoir de réponse.",
    ),
    "failed_why": (
        "The fault was noted. Ask again; if it stays, give your administrator this number: {id}",
        "Der Fehler wurde vermerkt. Fragen Sie noch einmal; bleibt er, nennen Sie Ihrem Administrator "
        "diese Nummer: {id}",
        "L’erreur a été notée. Redemandez ; si elle persiste, donnez ce numéro à votre "
        "administrateur : {id}",
    ),
    "too_long": (
        "A question has at most {count} characters. Shorten it and ask again.",
        "Eine Frage hat höchstens {count} Zeichen. Kürzen Sie sie und fragen Sie noch einmal.",
        "Une question a au plus {count} caractères. Raccourcissez-la et redemandez.",
    ),
    "retry": ("Ask again", "Noch einmal fragen", "Redemander"),
    "edit": ("Edit question", "Frage ändern", "Modifier la question"),
    "save": ("Ask this instead", "Stattdessen dies fragen", "Demander ceci à la place"),
    "cancel": ("Cancel", "Abbrechen", "Annuler"),
    "copy": ("Copy", "Kopieren", "Copier"),
    "copied": ("Copied", "Kopiert", "Copié"),
    "helpful": ("Helpful", "Hilfreich", "Utile"),
    "not_helpful": ("Not helpful", "Nicht hilfreich", "Pas utile"),
    "note": (
        "What was wrong or missing? (optional)",
        "Was war falsch oder fehlt? (freiwillig)",
        "Qu’est-ce qui était faux ou manquait ? (facultatif)",
    ),
    "note_good": (
        "What was good? (optional)",
        "Was war gut? (freiwillig)",
        "Qu’est-ce qui était bien ? (facultatif)",
    ),
    "send": ("Send", "Senden", "Envoyer"),
    "thanks": ("Noted. Thank you.", "Vermerkt. Danke.", "C’est noté. Merci."),
    "new": ("New conversation", "Neues Gespräch", "Nouvelle conversation"),
    "history": ("History", "Verlauf", "Historique"),
    "no_history": (
        "Conversations are kept in this browser and appear here.",
        "Gespräche bleiben in diesem Browser und erscheinen hier.",
        "Les conversations restent dans ce navigateur et apparaissent ici.",
    ),
    "cut": (
        "Earlier turns of this conversation are no longer kept.",
        "Frühere Fragen dieses Gesprächs sind nicht mehr aufbewahrt.",
        "Les questions précédentes de cette conversation ne sont plus conservées.",
    ),
    "kept_here": (
        "Kept in this browser only.",
        "Nur in diesem Browser aufbewahrt.",
        "Conservé dans ce navigateur seulement.",
    ),
    "forget": ("Delete “{title}”", "„{title}“ löschen", "Supprimer « {title} »"),
    "forget_all": ("Delete all", "Alle löschen", "Tout supprimer"),
    "filter": ("Articles", "Artikel", "Articles"),
    "all_articles": ("All articles", "Alle Artikel", "Tous les articles"),
    "some_articles": (
        "{count} of {total} articles",
        "{count} von {total} Artikeln",
        "{count} articles sur {total}",
    ),
    "find_article": ("Find an article", "Artikel suchen", "Chercher un article"),
    "no_title": (
        "No article has this in its title.",
        "Kein Artikel hat dies im Titel.",
        "Aucun article n’a ceci dans son titre.",
    ),
    "shown_of": (
        "{shown} of {total} shown; type to narrow them down.",
        "{shown} von {total} gezeigt; tippen Sie, um sie einzugrenzen.",
        "{shown} sur {total} affichés ; tapez pour restreindre.",
    ),
    "language": ("Language", "Sprache", "Langue"),
    "theme": ("Dark or light", "Dunkel oder hell", "Sombre ou clair"),
    "close": ("Close", "Schließen", "Fermer"),
    "to_chat": ("Ask a question", "Frage stellen", "Poser une question"),
    "replaced_quote": (
        "This link was made for an earlier version of the article, which was replaced. The quote was:",
        "Dieser Link gehört zu einer früheren Fassung des Artikels, die ersetzt wurde. Das Zitat war:",
        "Ce lien a été fait pour une version antérieure de l’article, remplacée depuis. La citation "
        "était :",
    ),
    "replaced": (
        "This link was made for an earlier version of the article, which was replaced and is no "
        "longer kept. This is the current version.",
        "Dieser Link gehört zu einer früheren Fassung des Artikels, die ersetzt wurde und nicht mehr "
        "aufbewahrt ist. Dies ist die heutige Fassung.",
        "Ce lien a été fait pour une version antérieure de l’article, remplacée et qui n’est plus "
        "conservée. Voici la version actuelle.",
    ),
    "still_stands": (
        "The same words stand in the current version, marked below.",
        "Dieselben Worte stehen in der heutigen Fassung, unten markiert.",
        "Les mêmes mots figurent dans la version actuelle, marqués ci-dessous.",
    ),
    "stands_no_more": (
        "The current version, below, does not hold these words.",
        "Die heutige Fassung, unten, enthält diese Worte nicht.",
        "La version actuelle, ci-dessous, ne contient pas ces mots.",
    ),
    "no_such_article": ("No such article", "Kein solcher Artikel", "Article introuvable"),
    "no_such_article_why": (
        "The index holds no article with the id {id}. It may have been removed.",
        "Der Index enthält keinen Artikel mit der Kennung {id}. Er wurde vielleicht entfernt.",
        "L’index ne contient aucun article avec l’identifiant {id}. Il a peut-être été retiré.",
    ),
    "earlier_version": (
        "from an earlier version of the article",
        "aus einer früheren Fassung des Artikels",
        "d’une version antérieure de l’article",
    ),
}


class Messages:
    """The texts of one language."""

    def __init__(self, language: Language) -> None:
        self.language: Language = language
        self._column = get_args(Language).index(language)

    def __call__(self, key: str, **values: object) -> str:
        """The text of a key with its values put in.

        >>> Messages("de")("articles", count=3)
        '3 Artikel'
        """
        return _TEXTS[key][self._column].format(**values)

    def articles(self, count: int) -> str:
        """A number of articles."""
        return self("one_article") if count == 1 else self("articles", count=f"{count:,}")

    def searching(self, count: int) -> str:
        """What is being done while articles are searched."""
        return self("searching_one") if count == 1 else self("searching", count=f"{count:,}")

    def confidence(self, words: str) -> str:
        """The words of `rag.confidence.in_words`, without what they mean."""
        order = ("high confidence", "good confidence", "low confidence")
        return self("confidence_short").split("|")[order.index(words)]


def as_language(value: object) -> Language | None:
    """The language that a code names, or None."""
    return next((language for language in LANGUAGES if language == value), None)


def preferred_language(accept: str | None) -> Language:
    """The first of our languages in an Accept-Language header, by its weights; else English.

    >>> preferred_language("pt-BR, fr-CA;q=0.8, en;q=0.5")
    'fr'
    """
    weighted: list[tuple[float, Language]] = []
    for part in (accept or "").split(",")[:20]:
        tag, _, weight = part.strip().partition(";q=")
        language = as_language(tag.split("-")[0].lower())
        if language:
            weighted.append((_weight(weight), language))
    return max(weighted, key=lambda item: item[0])[1] if weighted else "en"


def component_texts(*keys: str) -> Mapping[str, dict[str, str]]:
    """For each language the texts of keys, as Gradio's own translation wants them."""
    return {language: {key: Messages(language)(key) for key in keys} for language in LANGUAGES}


def _weight(value: str) -> float:
    try:
        return float(value) if value else 1.0
    except ValueError:
        return 0.0
