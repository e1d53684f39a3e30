"""python -m assistant comptes …: the staff's accounts, from the machine that runs the assistant.

Reads a password on a prompt, or on standard input when it is not a terminal; never as an argument,
which other users of the machine could read. Knows no rule of its own.
"""

from __future__ import annotations

import argparse
import getpass
import sys
from collections.abc import Callable
from typing import Any

from assistant.records.accounts import ROLES, Account, AccountError, Accounts
from assistant.records.database import Database

Action = Callable[[Accounts, argparse.Namespace], None]


def add_commands(commands: Any) -> None:
    """Add « comptes » and its actions to the subparsers of the command line."""
    comptes = commands.add_parser("comptes", help="comptes de l'équipe : add, list, role, password, disable, enable, delete")
    actions = comptes.add_subparsers(metavar="action", required=True)
    add = _action(actions, "add", _add, "créer un compte ; le mot de passe est demandé ensuite")
    add.add_argument("--role", required=True, metavar="|".join(ROLES), help="relecteur : vérifie ; editeur : publie aussi")
    add.add_argument("--no-password", action="store_true", help="se connectera seulement par le fournisseur d'identité")
    _action(actions, "list", _list, "montrer les comptes", login=False)
    _action(actions, "role", _role, "changer le rôle").add_argument("role", metavar="|".join(ROLES))
    _action(actions, "password", _password, "changer le mot de passe ; ferme les sessions du compte")
    _action(actions, "disable", _disable, "fermer le compte, sans le supprimer ; ferme ses sessions")
    _action(actions, "enable", _enable, "rouvrir le compte")
    _action(actions, "delete", _delete, "supprimer le compte ; ce que la personne a écrit reste, avec son identifiant")


def _action(actions: Any, name: str, run: Action, help_text: str, login: bool = True) -> Any:
    parser = actions.add_parser(name, help=help_text)
    if login:
        parser.add_argument("login", help="identifiant, par exemple prenom.nom ou une adresse électronique")
    parser.set_defaults(run=lambda options, settings: _run(run, options, settings))
    return parser


def _run(run: Action, options: argparse.Namespace, settings: Any) -> int:
    run(Accounts(Database(settings.journal)), options)
    return 0


def _add(accounts: Accounts, options: argparse.Namespace) -> None:
    accounts.check_free(options.login, options.role)  # before a password is typed twice for nothing
    account = accounts.add(options.login, options.role, None if options.no_password else _asked_password())
    print(f"Compte créé : {account.login} ({account.role}).")


def _list(accounts: Accounts, options: argparse.Namespace) -> None:
    found = accounts.all()
    width = max((len(account.login) for account in found), default=0)
    for account in found:
        print(f"{account.login:<{width}}  {account.role:<9}  {_state(account)}")
    if not found:
        print("Aucun compte. Le premier : python -m assistant comptes add prenom.nom --role editeur")


def _role(accounts: Accounts, options: argparse.Namespace) -> None:
    accounts.set_role(options.login, options.role)
    print(f"{options.login} est maintenant {options.role}.")


def _password(accounts: Accounts, options: argparse.Namespace) -> None:
    accounts.get(options.login)
    accounts.set_password(options.login, _asked_password())
    print(f"Mot de passe de {options.login} changé ; ses sessions sont fermées.")


def _disable(accounts: Accounts, options: argparse.Namespace) -> None:
    accounts.disable(options.login)
    print(f"Compte {options.login} fermé, ses sessions aussi.")


def _enable(accounts: Accounts, options: argparse.Namespace) -> None:
    accounts.enable(options.login)
    print(f"Compte {options.login} rouvert.")


def _delete(accounts: Accounts, options: argparse.Namespace) -> None:
    accounts.delete(options.login)
    print(f"Compte {options.login} supprimé, ses sessions fermées.")


def _state(account: Account) -> str:
    seen = f"vu le {account.signed_in.astimezone():%d/%m/%Y à %H:%M}" if account.signed_in else "jamais connecté"
    words = (seen, "" if account.has_password else "sans mot de passe", "fermé" if account.disabled else "")
    return ", ".join(word for word in words if word)


def _asked_password() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    first = getpass.getpass("Mot de passe (12 caractères au moins, rien ne s'affiche) : ")
    if getpass.getpass("Le même, une seconde fois : ") != first:
        raise AccountError("Les deux saisies diffèrent : rien n'a changé.")
    return first
