"""The command line of the assistant: serve (default), ask, mcp, purge, models, calibrate.

Prints and returns exit codes: 0 done, 1 could not be done, 2 wrong usage. A thin loop over the
events of `service`; knows no rule of its own.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from functools import cache
from pathlib import Path
from typing import Any, TextIO

from assistant import __version__, accounts_cli, keys_cli, models_cli, texts
from assistant.answering.answer import Answer, Finished, TextDelta
from assistant.answering.judge import Judge
from assistant.answering.readings import Turn
from assistant.answering.service import Assistant, build_index, open_or_build
from assistant.errors import AssistantError, ConfigurationError
from assistant.generation import generation_texts, writing
from assistant.generation.writing import AnswerWriter, open_writer
from assistant.privacy.masked_logs import mask_logs
from assistant.privacy.masking import Masker
from assistant.privacy.public_words import PublicWords
from assistant.settings import load_settings
from index.errors import IndexingError
from index.progress import on_terminal
from index.workers import Limits, shared

MALFORMED = 'Ligne illisible : il faut un objet JSON {"id": …, "turns": ["question", …]}.'


class _AssistantParser(argparse.ArgumentParser):
    def error(self, message: str) -> None:  # type: ignore[override]
        self.print_usage(sys.stderr)
        self.exit(2, f"Commande incorrecte : {message}\nAide : python -m assistant --help\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit status."""
    options = _parser().parse_args(arguments)
    try:
        settings = load_settings(os.environ)
        if getattr(options, "index", None):
            settings = replace(settings, index=options.index)
        shared().limits = Limits(settings.reading_megabytes, settings.reading_seconds)
        return int(options.run(options, settings))
    except ConfigurationError as error:
        print(error, file=sys.stderr)
        return 2
    except (AssistantError, IndexingError) as error:
        print(error, file=sys.stderr)
        return 1
    except BrokenPipeError:  # « | head » has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        print("Arrêté.", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = _AssistantParser(prog="python -m assistant", description="Assistant Petites villes de demain.")
    parser.set_defaults(run=_serve)
    parser.add_argument("--version", action="version", version=f"assistant-pvd {__version__}", help="la version, et sortir")
    parser.add_argument("--index", type=Path, metavar="DIR", help="dossier de l'index")
    commands = parser.add_subparsers(metavar="commande", parser_class=_AssistantParser)
    serve = commands.add_parser("serve", help="servir la page de conversation")
    serve.set_defaults(run=_serve)
    ask = commands.add_parser("ask", help="poser une question, ou des questions en JSON Lines")
    ask.add_argument("question", nargs="*", help="la question ; plusieurs forment une conversation")
    ask.add_argument("--jsonl", action="store_true", help="lire des conversations sur l'entrée standard")
    ask.add_argument("--explain", action="store_true", help="montrer pourquoi cette réponse")
    ask.set_defaults(run=_ask)
    mcp = commands.add_parser("mcp", help="répondre par MCP à un programme de cette machine, sur l'entrée et la sortie standard")
    mcp.set_defaults(run=_mcp)
    purge = commands.add_parser("purge", help="effacer du journal ce qui a dépassé la durée de conservation")
    purge.set_defaults(run=_purge)
    accounts_cli.add_commands(commands)
    keys_cli.add_commands(commands)
    models_cli.add_commands(commands)
    calibrate = commands.add_parser("calibrate", help="apprendre le classement, le jugement et le choix d'une lecture")
    calibrate.add_argument("questions", nargs="+", type=Path, help="fichiers au format de knowledge/questions.jsonl")
    calibrate.add_argument("--judged", nargs="+", type=Path, default=[], metavar="DIR", help="jeux de python -m index evaluate")
    calibrate.add_argument(
        "--documents", nargs=2, action="append", type=Path, default=[], metavar=("QUESTIONS", "INDEX"),
        help="questions jugées sur un autre index, fait de documents",
    )  # fmt: skip
    calibrate.add_argument("--write", action="store_true", help="garder le résultat et reconstruire l'index")
    calibrate.set_defaults(run=_calibrate)
    learn = commands.add_parser("learn", help="apprendre à reconnaître ce que fait un message et ce que dit une de ses parties")
    learn.add_argument("--write", action="store_true", help="garder le résultat")
    learn.set_defaults(run=_learn)
    for command in (serve, ask, mcp, calibrate, learn):
        command.add_argument("--index", type=Path, default=argparse.SUPPRESS, metavar="DIR", help="dossier de l'index")
    return parser


def _serve(options: argparse.Namespace, settings: Any) -> int:
    with _unseen("mcp"):  # Gradio would import it, .6 s and 16 MiB, for what it does not do here
        from assistant.web.serving import serve  # Gradio takes seconds to import: only the server pays

    mask_logs(Masker())
    serve(settings, progress=on_terminal)
    return 0


@contextmanager
def _unseen(library: str) -> Iterator[None]:
    """Meanwhile, who tries to import a library finds it not installed."""
    if library in sys.modules:  # imported already: nothing to spare
        yield
        return
    sys.modules[library] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        del sys.modules[library]


def _mcp(options: argparse.Namespace, settings: Any) -> int:
    from assistant.doors.asking import Asking
    from assistant.doors.mcp_server import serve_stdio
    from assistant.records.database import Database
    from assistant.records.journal import Journal
    from assistant.records.reviews import Reviews
    from assistant.web.shared.published_base import PublishedBase  # only this command needs them without the pages

    masker = Masker(lambda: base.edition.public)
    mask_logs(masker)
    database = Database(settings.journal, masker)
    base = PublishedBase(Assistant.open(settings), settings, Reviews(database))
    writer = open_writer(settings, masker)
    base.edition.assistant.proposer = writer.proposer if writer else None
    journal = Journal(database, settings.retention_days)
    asking = Asking(lambda: base.edition.assistant, journal, settings.question_limit, 1, writer)
    base.watch()
    try:
        serve_stdio(asking)
    finally:
        base.stop()
        asking.close()
        if writer:
            writer.close()
    return 0


def _purge(options: argparse.Namespace, settings: Any) -> int:
    from assistant.records.database import Database
    from assistant.records.rights import Rights  # only this command needs the database

    purged = Rights(Database(settings.journal), settings.retention_days).purge()
    print(
        f"Journal : {purged.exchanges} échange(s) de plus de {settings.retention_days} jours effacé(s), {purged.questions} "
        f"question(s) posée(s) à l'équipe ; {purged.answers} réponse(s) validée(s) sans les mots de leur auteur."
    )
    return 0


def _calibrate(options: argparse.Namespace, settings: Any) -> int:
    from assistant.answering.training import calibration  # scikit-learn is only needed here
    from index.tuning import collect

    encoder = Assistant.open(settings).retriever.encoder
    sha256 = encoder.identity.sha256
    graded = list(calibration.ask_all(settings, _records(options.questions)))
    of_documents = [
        list(calibration.ask_all(replace(settings, index=index), _records([path]))) for path, index in options.documents
    ]
    sets = [collect(folder, encoder, on_terminal) for folder in options.judged]
    weights = calibration.learn_ranking(graded, [*sets, *map(calibration.as_judged, of_documents)])
    if options.write:  # what comes after is learned on answers as the new ranking gives them
        calibration.write_ranking(sha256, weights)
        build_index(settings, on_terminal)
        graded = list(calibration.ask_all(settings, _records(options.questions)))
    cases = [case for rows in (graded, *of_documents) for row in rows for case in row.cases]
    cases += [case for folder in options.judged for case in calibration.judged_cases(folder, encoder, settings)]
    of_fiches, worth_of_fiches = calibration.learn_judge([case for case in cases if case.is_asked])
    raw, worth_of_raw = calibration.learn_judge([case for case in cases if not case.is_asked])
    chosen, worth_of_choice = calibration.learn_choice(graded, Judge(of_fiches, raw))
    if options.write:
        calibration.write_judge(sha256, of_fiches, raw)
        calibration.write_choice(chosen)
    worth = {"fiches": worth_of_fiches, "documents": worth_of_raw, "choice": worth_of_choice}
    report = {"turns": len(graded), "ranking": weights, **worth}
    print(json.dumps(report, ensure_ascii=False, indent=1))
    return 0


def _records(paths: Iterable[Path]) -> list[dict[str, Any]]:
    try:
        lines = [line for path in paths for line in path.read_text(encoding="utf-8").splitlines()]
        return [json.loads(line) for line in lines if line.strip()]
    except (OSError, ValueError) as error:
        raise AssistantError(f"Questions illisibles : {error}") from error


def _learn(options: argparse.Namespace, settings: Any) -> int:
    from assistant.answering.training import clause_learning, learning

    retriever = Assistant.open(settings).retriever
    questions = learning.questions_of(retriever.passages)
    heads = {"acts": learning.messages(settings.knowledge / "messages.jsonl", questions)}
    learned = {name: learning.learn(examples, retriever.encoder) for name, examples in heads.items()}
    learned["numbers"] = learning.learn_words(learning.numbers(settings.knowledge / "numbers.jsonl"))
    learned["clauses"] = clause_learning.learn_clauses(
        clause_learning.labelled_clauses(settings.knowledge / "clauses.jsonl"),
        retriever.encoder,
        clause_learning.whole_requests(settings.knowledge / "messages.jsonl"),
    )
    for name, (arrays, worth) in learned.items():
        if options.write:
            learning.write(name, arrays)
        print(json.dumps({"head": name, **worth}, ensure_ascii=False, indent=1))
    return 0


def _ask(options: argparse.Namespace, settings: Any) -> int:
    if options.jsonl == bool(options.question):
        print("Donnez une question, ou --jsonl et des lignes sur l'entrée standard.", file=sys.stderr)
        return 2
    assistant = open_or_build(settings, on_terminal) if not options.jsonl else Assistant.open(settings)
    writer = open_writer(settings, _masker_of(assistant))
    assistant.proposer = writer.proposer if writer else None
    try:
        if options.jsonl:
            return answer_lines(assistant, sys.stdin, sys.stdout, writer)
        _converse(assistant, writer, options)
    finally:
        if writer:
            writer.close()
    return 0


def _masker_of(assistant: Assistant) -> Masker:
    """What masks questions on the base of an assistant, read when first asked."""
    public = cache(lambda: PublicWords.of(document.text for document in assistant.retriever.documents.values()))
    return Masker(public)


def _converse(assistant: Assistant, writer: AnswerWriter | None, options: argparse.Namespace) -> None:
    turns: list[Turn] = []
    for question in options.question:
        answer = _print_stream(assistant, writer, question, turns)
        turns.append(assistant.turn(answer))
        _print_sources(answer, assistant)
        if options.explain:
            why = asdict(answer.explanation) if answer.explanation else {}
            why |= {"writing": answer.writing.as_dict()} if answer.writing else {}
            print(json.dumps({"probability": round(answer.probability, 3), **why}, ensure_ascii=False, indent=1))


def answer_lines(assistant: Assistant, lines: Iterable[str], output: TextIO, writer: AnswerWriter | None = None) -> int:
    """Answer JSON lines; a malformed one gets an error line and the rest goes on."""
    for line in lines:
        if line.strip():
            output.write(json.dumps(_answer_line(assistant, writer, line), ensure_ascii=False) + "\n")
            output.flush()
    return 0


def _answer_line(assistant: Assistant, writer: AnswerWriter | None, line: str) -> dict[str, Any]:
    identifier = None
    try:
        row = json.loads(line, parse_constant=_refuse_constant)
        if isinstance(row, dict) and _is_writable(row.get("id")):
            identifier = row.get("id")
        questions = row["turns"]
        if identifier is None or not isinstance(questions, list) or not questions or not _is_writable(questions):
            raise ValueError
        if not all(isinstance(question, str) for question in questions):
            raise ValueError
    except (ValueError, KeyError, TypeError, RecursionError):
        return {"id": identifier, "error": MALFORMED}
    turns: list[Turn] = []
    answers: list[dict[str, Any]] = []
    for question in questions:
        answer = writing.finished(writing.stream(writer, assistant, question, turns))
        turns.append(assistant.turn(answer))
        answers.append(answer.as_dict())
    return {"id": identifier, "answers": answers}


def _refuse_constant(name: str) -> None:
    raise ValueError(name)  # NaN and Infinity: not JSON, though Python reads them


def _is_writable(value: Any) -> bool:
    """False for text with half characters, which no encoding can carry back."""
    try:
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _print_stream(assistant: Assistant, writer: AnswerWriter | None, question: str, turns: Sequence[Turn]) -> Answer:
    for event in writing.stream(writer, assistant, question, turns):
        if isinstance(event, TextDelta) and not writer:  # what a model writes may still be taken back
            print(event.text, end="", flush=True)
        elif isinstance(event, Finished):
            answer = event.answer
            print(answer.text if writer else "")
            if answer.writing:
                print(f"({generation_texts.told(answer.writing)})")
            if answer.standalone_question != question:
                print(f"({texts.UNDERSTOOD.format(question=answer.standalone_question)})")
            return answer
    raise AssertionError("stream always ends with Finished")


def _print_sources(answer: Answer, assistant: Assistant) -> None:
    for citation in answer.citations:
        page = f", p. {citation.page}" if citation.page else ""
        document = assistant.retriever.documents.get(citation.passage.document)
        dated = f" (document du {document.date})" if document and document.date else ""
        print(f"\n[{citation.marker}] {citation.passage.title}{page} › {citation.passage.section}{dated}")
        for note in citation.passage.notes:
            print(f"    {note.publisher}, {note.date}{f' — {note.url}' if note.url else ''}")
