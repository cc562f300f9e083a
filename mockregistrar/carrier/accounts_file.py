"""Accounts from a CSV text: the list a carrier's administrator exports, a row for each account.

The first row names the columns, in any order: ``user`` and ``secret``, and optionally ``auth_user``, ``domain``,
``ha1``, ``networks`` and ``access``. Text in, accounts out; nothing is read from disk here. A row that cannot be
used is an error with the line it begins on; it never shows a secret.

Rules for a row. Blanks around a value do not count, but those of a secret do, unless the header itself has blanks
behind its commas. ``networks`` holds addresses or CIDR networks with blanks or ``;`` between them. ``ha1`` is the MD5
hash of ``auth_user:realm:secret``, for systems that keep only that. A row with neither secret nor hash is an
account that is let in by its address, and so needs a network.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from mockregistrar.carrier.checking import SettingsError, nearest
from mockregistrar.carrier.settings import AccountSpec

COLUMNS = ("user", "secret", "auth_user", "domain", "ha1", "networks", "access")
"""The columns that are known; ``user`` and ``secret`` must be there."""

_HA1 = re.compile(r"[0-9A-Fa-f]{32}")
_SEPARATORS = re.compile(r"[\s;]+")


class FileError(SettingsError):
    """A setting in a file that cannot be used; the message names file and line."""

    def __init__(self, setting: str, message: str, source: str, line: int | None = None) -> None:
        super().__init__(setting, message)
        self.source = source
        self.line = line

    @property
    def where(self) -> str:
        """The place, as ``FILE:LINE``."""
        return self.source if self.line is None else f"{self.source}:{self.line}"

    def __str__(self) -> str:
        return ": ".join(filter(None, (self.where, self.setting, self.message)))

    def __reduce__(self) -> tuple[Any, Any]:
        return type(self), (self.setting, self.message, self.source, self.line)


def load_accounts_csv(
    text: str, source: str = "accounts.csv", *, needs_networks: bool = True
) -> tuple[AccountSpec, ...]:
    """Return the accounts of a CSV text; `source` is what errors call it.

    `needs_networks` says whether an account without secret and hash must list networks of its own: it need not
    where the carrier has an allow-list. Raises `FileError` for the first row that cannot be used.
    """
    rows = _rows(text, source)
    header = next(rows, None)
    if header is None:
        raise FileError("", "holds no accounts: the first line names the columns, e.g. user,secret", source)
    columns = _columns(header[1], source, header[0])
    seen: dict[tuple[str, str], int] = {}
    accounts = []
    for line, fields in rows:
        if len(fields) != len(columns):
            counts = f"{len(fields)} field{'s' * (len(fields) != 1)}, the header has {len(columns)}"
            raise FileError("", f"{counts}; a comma inside a value needs double quotes around the value", source, line)
        account = _account(dict(zip(columns, fields, strict=True)), source, line, needs_networks=needs_networks)
        key = (account.user, account.domain.lower())
        if key in seen:
            raise FileError("user", f"account {account.user!r} is there already, on line {seen[key]}", source, line)
        seen[key] = line
        accounts.append(account)
    if not accounts:
        raise FileError("", "holds no accounts behind its header", source)
    return tuple(accounts)


def _rows(text: str, source: str) -> Iterator[tuple[int, list[str]]]:
    """Yield each row that is not blank with the line it begins on."""
    import csv  # here and not above: few carriers have a file of accounts
    import io

    text = text.removeprefix("\ufeff")
    first = text.lstrip().partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=""), strict=True, skipinitialspace=", " in first)
    line = 1
    while True:
        try:
            fields = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise FileError("", f"not a CSV row: {error}", source, line) from None
        if any(map(str.strip, fields)):
            yield line, fields
        line = reader.line_num + 1


def _columns(header: list[str], source: str, line: int) -> list[str]:
    names = [name.strip().lower() for name in header]
    if len(names) == 1:
        for other in (";", "\t", "|"):
            if other in names[0]:
                raise FileError("", f"the columns are parted by {other!r}; write commas: user,secret", source, line)
    for name in names:
        if name not in COLUMNS:
            hint = nearest(name, COLUMNS) or f"; known are {', '.join(COLUMNS)}"
            raise FileError("", f"{name!r} is not a column{hint}", source, line)
        if names.count(name) > 1:
            raise FileError("", f"column {name!r} is there twice", source, line)
    for name in ("user", "secret"):
        if name not in names and not (name == "secret" and "ha1" in names):
            raise FileError("", f"the header has no column {name!r}; it begins e.g. with user,secret", source, line)
    return names


def _account(row: dict[str, str], source: str, line: int, *, needs_networks: bool) -> AccountSpec:
    user, secret = row["user"].strip(), row.get("secret", "")
    if not secret.strip():
        secret = ""
    hashed, access = row.get("ha1", "").strip(), row.get("access", "").strip()
    if not user:
        raise FileError("user", "is empty; an account needs a user name", source, line)
    if hashed and not _HA1.fullmatch(hashed):
        raise FileError("ha1", "is not 32 hexadecimal digits, the MD5 of auth_user:realm:secret", source, line)
    networks = tuple(filter(None, _SEPARATORS.split(row.get("networks", ""))))
    if needs_networks and not (secret or hashed or networks or access):
        raise FileError("secret", unreachable(user), source, line)
    try:
        return AccountSpec(
            user=user,
            secret=secret or None,
            ha1={"MD5": hashed.lower()} if hashed else None,
            auth_user=row.get("auth_user", "").strip() or None,
            domain=row.get("domain", "").strip(),
            networks=networks,
            access=access or None,
        )
    except SettingsError as error:
        raise FileError(error.setting, error.message, source, line) from None


def unreachable(user: str) -> str:
    """Say what an account without secret, hash and networks lacks."""
    return f"account {user!r} has no secret, so it can only be let in by address: give it networks, or a secret"
