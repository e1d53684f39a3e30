"""The command line of the index: build, search, passages, check, history, rollback, evaluate, tune.

Prints and returns exit codes: 0 done, 1 could not be done, 2 wrong usage. Knows no rule of its own.
"""

from __future__ import annotations

import argparse
import errno
import json
import os
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

from index import builder, evaluation, originals
from index.document import Place
from index.embedding import SHIPPED, SentenceEncoder
from index.errors import IndexCorrupt, IndexingError, IndexMissing
from index.folder import CARRIED, fingerprint
from index.manifest import Manifest
from index.originals import Switch
from index.progress import on_terminal
from index.ranking import OWN, tuned_for
from index.reranking import CrossReranker
from index.search import Retriever
from index.settings_file import PREFIX, given_settings
from index.versions import ROLLBACK, Versions
from index.workers import Limits, shared

# The settings that the index shares with the assistant, which checks them all, and what each is without one.
_SETTINGS = {
    "index": "var/index", "encoder": str(SHIPPED), "reranker": "",
    "reading_megabytes": str(Limits.megabytes), "reading_seconds": str(Limits.seconds),
}  # fmt: skip
_PROMPTS = ("query_prompt", "passage_prompt")  # without one, those of the model


# What argparse says when a command is wrong, in English whatever the language of the system.
_IN_FRENCH = (
    (re.compile(r"the following arguments are required: (.*)"), r"il manque : \1"),
    (re.compile(r"(?:argument .*: )?invalid choice: '(.*)' \(choose from (.*)\)"), r"« \1 » n'existe pas (au choix : \2)"),
    (re.compile(r"unrecognized arguments: (.*)"), r"argument inconnu : \1"),
    (re.compile(r"argument (.*): expected one argument"), r"\1 attend une valeur"),
    (re.compile(r"argument ([^:]*): (.*)"), r"\1 : \2"),
)

_CAUSES = {
    errno.EACCES: "droits insuffisants",
    errno.EPERM: "droits insuffisants",
    errno.EROFS: "le disque est en lecture seule",
    errno.ENOSPC: "le disque est plein",
    errno.ENOTDIR: "un fichier est à la place d'un dossier",
    errno.EEXIST: "un fichier est à la place d'un dossier",
}


class _IndexParser(argparse.ArgumentParser):
    """argparse, its few fixed words in French."""

    def error(self, message: str) -> NoReturn:
        said = next((pattern.sub(french, message) for pattern, french in _IN_FRENCH if pattern.fullmatch(message)), message)
        self.exit(2, f"Commande incorrecte : {said}. Aide : python -m index --help\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit status."""
    try:
        settings = _settings()
        shared().limits = _limits(settings)
        options = _parser(settings).parse_args(arguments)
        status = int(options.run(options))
        sys.stdout.flush()  # here, so that a closed pipe is met above
        return status
    except IndexingError as error:
        print(error, file=sys.stderr)
        return 1
    except BrokenPipeError:  # « | head » has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:  # a folder that cannot be written, a full disk
        cause = _CAUSES.get(error.errno or 0, error.strerror)
        print(f"« {error.filename or options.index} » ne peut être ni lu ni écrit : {cause}.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Interrompu : rien n'a été publié.", file=sys.stderr)
        return 130


def _parser(settings: Mapping[str, str]) -> argparse.ArgumentParser:
    parser = _IndexParser(prog="python -m index", description="Documents → index de recherche.")
    commands = parser.add_subparsers(required=True, metavar="commande", parser_class=_IndexParser)
    common = _IndexParser(add_help=False)
    common.add_argument("--index", type=Path, default=Path(settings["index"]), metavar="DIR", help="dossier de l'index")
    common.add_argument("--encoder", default=settings["encoder"], metavar="MODÈLE", help="dossier ou nom d'un modèle")
    common.add_argument("--json", action="store_true", help="sortie JSON")

    def command(name: str, run: object, text: str) -> argparse.ArgumentParser:
        sub: argparse.ArgumentParser = commands.add_parser(name, help=text, description=text, parents=[common])
        sub.set_defaults(run=run, prompts=[settings.get(name) for name in _PROMPTS])
        return sub

    command("build", _build, "construire ou mettre à jour l'index, puis le publier").add_argument("source", type=Path)
    search = command("search", _search, "chercher des passages")
    search.add_argument("question")
    search.add_argument("-k", type=_positive, default=10, metavar="N", help="nombre de passages")
    evaluate = command("evaluate", _evaluate, "mesurer la recherche sur un jeu jugé")
    evaluate.add_argument("folder", type=Path)
    for reranked in (search, evaluate):
        reranked.add_argument("--reranker", default=settings["reranker"], metavar="MODÈLE", help="CrossEncoder, dossier ou nom")
    passages = command("passages", _passages, "montrer ce qui a été lu, passage par passage")
    passages.add_argument("document", nargs="?", metavar="DOCUMENT", help="chemin du document dans le dossier ; sans lui, tous")
    command("check", _check, "vérifier l'index publié")
    command("history", _history, "lister les versions")
    rollback = command("rollback", _rollback, "revenir à une version")
    rollback.add_argument("version", nargs="?")
    rollback.add_argument("--source", type=Path, metavar="DOSSIER", help="y remettre aussi les documents de cette version")
    tune = command("tune", _tune, "apprendre le classement sur un jeu jugé, pour l'encodeur et l'index choisis")
    tune.add_argument("folder", type=Path)
    return parser


def _build(options: argparse.Namespace) -> int:
    report = builder.build(options.source, options.index, _encoder(options), progress=on_terminal)
    if options.json:
        print(json.dumps(report.as_dict(), ensure_ascii=False, indent=1))
        return 0
    for file in report.files:
        pages = f", {file.pages} page(s)" if file.pages else ""
        print(f"{file.status:<12} {file.path} — {file.passages} passage(s){pages}" + (f" — {file.reason}" if file.reason else ""))
    state = "publiée" if report.published else "déjà à jour"
    print(f"Version {report.version} {state} : {report.documents} documents, {report.passages} passages, {report.seconds:.1f} s")
    return 0


def _search(options: argparse.Namespace) -> int:
    retriever = Retriever.open(options.index, _encoder(options), _reranker(options))
    hits = retriever.search(options.question, options.k)
    if options.json:
        rows = [
            {
                "score": hit.score,
                "dense": hit.dense,
                "lexical": hit.lexical,
                "evidence": dict(hit.features),
                "document": hit.passage.document,
                "title": hit.passage.title,
                "section": hit.passage.section,
                "page": hit.passage.page,
                "start": hit.passage.start,
                "end": hit.passage.end,
                "text": hit.passage.text,
            }
            for hit in hits
        ]
        print(json.dumps(rows, ensure_ascii=False, indent=1))
        return 0
    for rank, hit in enumerate(hits, 1):
        page = f", p. {hit.passage.page}" if hit.passage.page else ""
        print(f"{rank:>2}. {hit.score:6.3f}  {hit.passage.title}{page} › {hit.passage.section}\n    {hit.passage.text[:300]}")
    if not hits:
        print("Aucun passage trouvé.")
    return 0


def _passages(options: argparse.Namespace) -> int:
    retriever = Retriever.open(options.index, _encoder(options))
    rows = [row for row in _rows(retriever) if options.document in (None, row["document"])]
    if options.document and not rows:
        raise IndexMissing(f"« {options.document} » n'est pas un document de l'index.")
    if options.json:
        print(json.dumps(rows, ensure_ascii=False, indent=1))
        return 0
    for row in rows:
        pages = f", p. {'-'.join(map(str, sorted({row['pages'][0], row['pages'][-1]})))}" if row["pages"] else ""
        print(f"■ {row['document']}{pages} — {' › '.join((row['title'], *row['headings']))}\n{row['text']}\n")
    return 0


def _rows(retriever: Retriever) -> Iterator[dict[str, Any]]:
    """What was read, passage by passage; one that stands in several documents, or in a file and its copy, once for each."""
    copies: dict[str, list[str]] = {}
    for name, fate in retriever.manifest.sources.items():
        copies.setdefault(fate.copy_of, []).append(name)
    for passage in retriever.passages:
        own = Place(passage.document, passage.start, passage.end)
        for place in (own, *(place for place in passage.also if place.document != passage.document)):
            document = retriever.documents[place.document]
            for name in (place.document, *copies.get(place.document, ())):
                yield {
                    "document": name, "title": document.title, "headings": list(document.headings_at(place.start)),
                    "pages": document.pages_between(place.start, place.end), "text": document.text[place.start : place.end],
                }  # fmt: skip


def _check(options: argparse.Namespace) -> int:
    retriever = Retriever.open(options.index, _encoder(options))
    for passage in retriever.passages:
        if retriever.documents[passage.document].text[passage.start : passage.end] != passage.text:
            raise IndexCorrupt(f"Le passage « {passage.id} » ne se retrouve pas dans son document.")
    manifest = retriever.manifest
    if options.json:
        counts = {"documents": manifest.documents, "passages": manifest.passages}
        print(json.dumps({"version": manifest.version, **counts, "ok": True}))
    else:
        print(
            f"Index sain : version {manifest.version}, {manifest.documents} documents, {manifest.passages} passages, "
            f"encodeur {manifest.encoder.name} ({manifest.encoder.sha256[:8]})."
        )
    return 0


def _history(options: argparse.Namespace) -> int:
    versions = Versions(options.index)
    current, kept, entries = versions.current(), versions.names(), versions.history()
    if options.json:
        row = {"current": current.name if current else None, "kept": kept, "history": entries}
        print(json.dumps(row, ensure_ascii=False, indent=1))
        return 0
    for entry in entries:
        mark = "→" if current and entry["version"] == current.name else " "
        gone = "" if entry["version"] in kept else " (effacée)"
        print(f"{mark} {entry['when']}  {entry['action']:<12} {entry['version']}{gone}")
    if not entries:
        print(f"Aucune version dans « {options.index} ».")
    return 0


def _rollback(options: argparse.Namespace) -> int:
    versions = Versions(options.index)
    if options.source:
        name = _restored(versions, options.version, options.source)
    else:
        name = versions.chosen(options.version)
        with versions.alone():
            versions.rollback(name)
    print(json.dumps({"version": name}) if options.json else f"Version {name} de nouveau publiée.")
    return 0


def _restored(versions: Versions, version: str | None, source: Path) -> str:
    """Go back to a version, and bring the folder of documents to what it was."""
    if not source.is_dir():
        raise IndexMissing(f"« {source} » n'est pas le dossier des documents.")
    with versions.alone():
        name = versions.chosen(version)
        folder = versions.folder(name)
        Manifest.load(folder / "manifest.json").check_files(folder)
        files = originals.restoration(versions, folder, fingerprint(source, *CARRIED), *CARRIED)
        aside = versions.root / "aside" / name
        originals.switch(versions, Switch(name, ROLLBACK, str(source.absolute()), str(aside.absolute()), files))
    if aside.is_dir():
        print(f"Ce qu'aucune version ne contenait a été mis de côté dans « {aside} ».", file=sys.stderr)
    return name


def _evaluate(options: argparse.Namespace) -> int:
    figures = evaluation.evaluate(options.folder, _encoder(options), on_terminal, _reranker(options))
    if options.json:
        print(json.dumps(figures, indent=1))
    else:
        for name, value in figures.items():
            print(f"{name:<14} {value}")
    return 0


def _reranker(options: argparse.Namespace) -> CrossReranker | None:
    return CrossReranker(options.reranker) if options.reranker else None


def _tune(options: argparse.Namespace) -> int:
    from index import tuning  # scikit-learn is only needed here

    encoder = _encoder(options)
    judged = tuning.collect(options.folder, encoder, on_terminal)
    before = tuning.figures(judged, tuned_for(encoder.identity.sha256, options.index)["weights"])
    after = tuning.unseen(judged)
    better = after["ndcg@10"] > before["ndcg@10"]
    weights = tuning.learn(judged)
    if better:
        tuning.store(options.index, encoder.identity.sha256, weights)
    if options.json:
        row = {"encoder": encoder.identity.sha256, "before": before, "after": after, "weights": weights, "kept": better}
        print(json.dumps(row, ensure_ascii=False, indent=1))
        return 0
    print(f"{len(judged)} questions ; poids actuels → poids appris, chaque question classée par des poids appris sans elle :")
    for name, value in before.items():
        print(f"{name:<14} {value:.4f} → {after[name]:.4f}")
    if better:
        print(f"Poids gardés dans « {options.index / OWN} ». Pour les publier :")
        print(f"python -m index build DOSSIER --index {options.index}")
    else:
        print("Les poids appris ne classent pas mieux : rien n'est changé.")
    return 0


def _settings() -> dict[str, str]:
    """The settings of the index by name, as they are given, else the default; prompts only when they are given."""
    given = {name: str(setting.value) for name, setting in given_settings(os.environ).items()}
    return _SETTINGS | {name: value for name, value in given.items() if name in _SETTINGS or name in _PROMPTS}


def _limits(settings: Mapping[str, str]) -> Limits:
    """What reading a file may take, as the settings say."""
    for name in ("reading_megabytes", "reading_seconds"):
        if not (text := settings[name]).isdecimal() or not int(text):
            raise IndexingError(f"Le réglage {PREFIX}{name.upper()} vaut « {text} » : il faut un nombre entier positif.")
    return Limits(int(settings["reading_megabytes"]), int(settings["reading_seconds"]))


def _encoder(options: argparse.Namespace) -> SentenceEncoder:
    """The encoder named, with the prompts of the settings: those with which the assistant asks."""
    return SentenceEncoder(options.encoder, *options.prompts)


def _positive(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"« {text} » n'est pas un nombre entier positif")
    return int(text)
