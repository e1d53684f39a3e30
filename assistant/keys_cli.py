"""python -m assistant cles …: the keys of the programs that ask, from the machine that runs the assistant.

Prints a key once, when it is made. Knows no rule of its own.
"""

from __future__ import annotations

import argparse
from datetime import datetime
from typing import Any

from assistant.records.api_keys import PER_DAY, ApiKey, ApiKeys
from assistant.records.database import Database


def add_commands(commands: Any) -> None:
    """Add « cles » and its actions to the subparsers of the command line."""
    actions = commands.add_parser("cles", help="clés des programmes qui interrogent : add, list, revoke").add_subparsers(
        metavar="action", required=True
    )
    add = actions.add_parser("add", help="créer une clé ; elle n'est montrée qu'une fois")
    add.add_argument("name", metavar="NOM", help="le programme ou le service qui l'emploie, par exemple « site de la ville »")
    add.add_argument("--per-day", type=int, default=PER_DAY, metavar="N", help=f"questions par jour ({PER_DAY} par défaut)")
    add.set_defaults(run=_add)
    actions.add_parser("list", help="montrer les clés").set_defaults(run=_list)
    revoke = actions.add_parser("revoke", help="fermer une clé, tout de suite")
    revoke.add_argument("name", metavar="NOM", help="le nom donné à sa création")
    revoke.set_defaults(run=_revoke)


def _add(options: argparse.Namespace, settings: Any) -> int:
    secret = ApiKeys(Database(settings.journal)).add(options.name, options.per_day)
    print(f"Clé de « {options.name} », {options.per_day} questions par jour. Notez-la, elle ne sera plus montrée :\n{secret}")
    return 0


def _list(options: argparse.Namespace, settings: Any) -> int:
    found = ApiKeys(Database(settings.journal)).all()
    width = max((len(key.name) for key in found), default=0)
    for key in found:
        print(f"{key.name:<{width}}  {_state(key)}")
    if not found:
        print("Aucune clé. La première : python -m assistant cles add NOM")
    return 0


def _revoke(options: argparse.Namespace, settings: Any) -> int:
    ApiKeys(Database(settings.journal)).revoke(options.name)
    print(f"La clé « {options.name} » n'ouvre plus rien.")
    return 0


def _state(key: ApiKey) -> str:
    if key.revoked:
        return f"révoquée le {_moment(key.revoked)}"
    used = f"dernier emploi le {_moment(key.used)}" if key.used else "jamais employée"
    return f"{key.used_today} sur {key.per_day} aujourd'hui, {used}"


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone():%d/%m/%Y à %H:%M}"
