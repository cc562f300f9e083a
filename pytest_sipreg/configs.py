"""Which files of a run are SIP configs to be tested.

Theory of operation. A pattern without a slash is a file name and matches at any depth; one with a slash is a glob
relative to rootdir. In directories given on the command line pytest's own walk finds the files and asks here. Without
path arguments all of rootdir counts, whatever `testpaths` says: what pytest would not come by is put to its
arguments, on the controller and on each xdist worker alike (each of them works out the same). A file that another
chosen one includes is part of that one, and not taken again. Nothing is bound here, and nothing of Twisted imported.
"""

from __future__ import annotations

import fnmatch
import glob
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pytest_sipreg.plans import is_plan
from pytest_sipreg.session import session_of

if TYPE_CHECKING:
    from mockregistrar import TrunkFile

DEFAULT_PATTERNS = ("sip.conf", "sip-*.conf", "sip_*.conf", "pjsip.conf", "pjsip_wizard.conf", "sipreg.toml")
_READ_AT_MOST = 262_144
_KINDS = "`mockregistrar dialects` lists them, `mockregistrar explain FILE` says what one is taken for"


def choose(session: pytest.Session) -> None:
    """Work out the SIP configs of this run; raise `pytest.UsageError` where CI would be green over nothing."""
    ours = session_of(session.config)
    ours.selection = selection = Selection(session.config)
    if selection.named is None:
        selection.added = list(selection.out_of_reach())
        session.config.args += map(str, selection.added)
    elif not hasattr(session.config, "workerinput"):
        for path in selection.named:
            if not selection.readable(path) and not _claimed(session, path):
                raise pytest.UsageError(f"{_shown(path, session.config)}: no SIP config of a known kind ({_KINDS})")
    empty = [pattern for pattern in selection.given_patterns if not selection.matched(pattern)]
    if empty:
        raise pytest.UsageError(
            f"sipreg_files: no file below {session.config.rootpath} matches {' '.join(empty)}; "
            "correct the pattern, or take it out"
        )


def needs_flag(session: pytest.Session) -> None:
    """Raise `pytest.UsageError` for a SIP config that was named without --sipreg."""
    for path in _named_paths(session.config) or ():
        known = is_plan if path.suffix == ".toml" else _is_config
        if path.suffix in (".conf", ".toml") and path.is_file() and known(path) and not _claimed(session, path):
            raise pytest.UsageError(f"{_shown(path, session.config)} is a SIP config: add --sipreg to test its trunks")


class Selection:
    """The SIP configs of one run."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._root = config.rootpath
        self.given_patterns: tuple[str, ...] = tuple(config.getini("sipreg_files") or ())
        self.patterns = self.given_patterns or DEFAULT_PATTERNS
        self._names = [pattern for pattern in self.patterns if not _has_slash(pattern)]
        self._globbed = {
            pattern: [Path(os.path.normpath(found)) for found in sorted(self._glob(pattern))]
            for pattern in self.patterns
            if _has_slash(pattern)
        }
        paths = _named_paths(config)
        self.named = None if paths is None else [path for path in paths if path.is_file() and path.suffix != ".py"]
        """Files named on the command line that are no Python; None without path arguments."""
        self._directories = [path for path in _argument_paths(config) if path.is_dir()]
        self.added: list[Path] = []
        """Files that were put to pytest's arguments."""
        self._confs: dict[Path, TrunkFile | None] = {}
        self.chosen = self._choose()

    def takes(self, path: Path) -> bool:
        """Whether `path`, which pytest came by, is to be collected as a SIP config."""
        path = _normal(path)
        if path in self.chosen:
            return True
        return self.matches(path) and _real(path) not in self._parts and (path.suffix != ".toml" or is_plan(path))

    def matches(self, path: Path) -> bool:
        """Whether a pattern matches `path`."""
        if any(fnmatch.fnmatchcase(path.name, name) for name in self._names):
            return True
        return any(path in found for found in self._globbed.values())

    def matched(self, pattern: str) -> bool:
        """Whether there is any file that `pattern` matches."""
        if pattern in self._globbed:
            return bool(self._globbed[pattern])
        named = [path for path in self.named or () if fnmatch.fnmatchcase(path.name, pattern)]
        if named:
            return True
        roots = [*self._directories, self._root]
        return any(fnmatch.fnmatchcase(path.name, pattern) for root in roots for path in self._walk(root))

    def read(self, path: Path) -> TrunkFile:
        """Return the config at `path`, read once; raise OSError where it cannot be."""
        from mockregistrar import read_trunks

        path = _normal(path)
        conf = self._confs.get(path)
        if conf is None:
            conf = self._confs[path] = read_trunks(path, rootdir=self._root)
        return conf

    def readable(self, path: Path) -> bool:
        """Whether `path` is a config of a known kind: by its name, or by what is in it."""
        if path.suffix == ".toml":
            return is_plan(path)
        return self.matches(_normal(path)) or _is_config(path)

    def left_out(self, session: pytest.Session, path: Path) -> bool:
        """Whether a file that was put to pytest's arguments is to be ignored after all.

        A conftest.py on the way to it, which may say so, is loaded only when pytest gets there.
        """
        path = _normal(path)
        way = (path, *(parent for parent in path.parents if self._root in parent.parents))
        return path in self.added and any(
            session.gethookproxy(place.parent).pytest_ignore_collect(collection_path=place, config=self._config)
            for place in way
        )

    def out_of_reach(self) -> Iterator[Path]:
        """Yield the chosen files that pytest would not come by itself."""
        for path in self.chosen:
            if not any(self._reaches(directory, path) for directory in self._directories):
                yield path

    # -- choosing ----------------------------------------------------------------------------------------------

    def _choose(self) -> list[Path]:
        """Return the files to collect, in order: named ones, then those that match where pytest looks."""
        named = [path for path in self.named or () if self.readable(path)]
        roots = self._directories if self.named is not None else [*self._directories, self._root]
        found: dict[Path, None] = {}
        for root in roots:
            for path in self._walk(root):
                if any(fnmatch.fnmatchcase(path.name, name) for name in self._names):
                    found[path] = None
            for paths in self._globbed.values():
                found.update(dict.fromkeys(path for path in paths if root in path.parents and not self._ignored(path)))
        if self.named is None:
            for paths in self._globbed.values():
                found.update(dict.fromkeys(path for path in paths if not self._ignored(path)))
        candidates = [*named, *(path for path in sorted(found) if path not in named)]
        candidates = [path for path in candidates if path.suffix != ".toml" or is_plan(path)]
        self._parts = self._included(candidates, set(named))
        return [path for path in candidates if _real(path) not in self._parts]

    def _included(self, candidates: list[Path], named: set[Path]) -> set[Path]:
        """Return those of `candidates` that are read as part of another one; of a circle, the first stays."""
        parts: set[Path] = set()
        for path in sorted(candidates, key=self._is_fragment):
            if _real(path) in parts:
                continue
            if path.suffix == ".toml":
                from mockregistrar import configs_of_plan

                parts.update(_real(other) for other in configs_of_plan(path))
                continue
            conf = self._try(path)
            if conf is not None:
                parts.update(_real(other) for other in conf.files if _real(other) != _real(path))
        return parts - {_real(path) for path in named}

    def _is_fragment(self, path: Path) -> bool:
        conf = self._try(path)
        return conf is not None and conf.is_fragment

    def _try(self, path: Path) -> TrunkFile | None:
        """Return the config at `path`; None for a plan, and for what cannot be read, which its collector will say."""
        if path.suffix == ".toml":
            return None
        try:
            return self.read(path)
        except OSError:
            return None

    # -- the file system ---------------------------------------------------------------------------------------

    def _glob(self, pattern: str) -> Iterable[str]:
        found = glob.glob(os.path.join(glob.escape(str(self._root)), pattern), recursive=True)
        return (name for name in found if Path(name).is_file())

    def _walk(self, root: Path) -> Iterator[Path]:
        """Yield the files below `root` where pytest would look, in order."""
        seen: set[str] = set()
        for place, directories, files in os.walk(root, followlinks=True):
            real = os.path.realpath(place)
            if real in seen:
                directories.clear()
                continue
            seen.add(real)
            here = Path(place)
            directories[:] = sorted(name for name in directories if not self._passed_over(here / name))
            for name in sorted(files):
                if any(fnmatch.fnmatchcase(name, pattern) for pattern in self._names) and not self._ignored(
                    here / name
                ):
                    yield here / name

    def _reaches(self, directory: Path, path: Path) -> bool:
        """Whether pytest, walking `directory`, comes by `path`."""
        if directory not in path.parents:
            return False
        between = [parent for parent in path.parents if directory in parent.parents]
        return not any(self._passed_over(parent) for parent in between)

    def _passed_over(self, directory: Path) -> bool:
        if directory.name == "__pycache__" or (directory / "pyvenv.cfg").is_file():
            return True
        if any(_matches_norecurse(directory, pattern) for pattern in self._config.getini("norecursedirs")):
            return True
        return self._ignored(directory)

    def _ignored(self, path: Path) -> bool:
        return bool(self._config.hook.pytest_ignore_collect(collection_path=path, config=self._config))


# -- arguments -------------------------------------------------------------------------------------------------


def _named_paths(config: pytest.Config) -> list[Path] | None:
    """Return the paths among the command line's arguments; None where there was no argument."""
    if config.args_source.name != "ARGS":
        return None
    return _argument_paths(config)


def _argument_paths(config: pytest.Config) -> list[Path]:
    return [_normal(config.invocation_params.dir / argument.partition("::")[0]) for argument in config.args]


def _claimed(session: pytest.Session, path: Path) -> bool:
    """Whether another plugin collects `path`, or it is not there (which pytest says itself)."""
    if not path.exists():
        return True
    hook = session.gethookproxy(path.parent)
    return bool(hook.pytest_collect_file(file_path=path, parent=session))


def _is_config(path: Path) -> bool:
    from mockregistrar import looks_like_trunks

    try:
        with path.open("rb") as file:
            found: bool = looks_like_trunks(file.read(_READ_AT_MOST), path.name)
            return found
    except OSError:
        return False


def _matches_norecurse(directory: Path, pattern: str) -> bool:
    if "/" in pattern or os.sep in pattern:
        return fnmatch.fnmatch(str(directory), f"*/{pattern}")
    return fnmatch.fnmatch(directory.name, pattern)


def _has_slash(pattern: str) -> bool:
    return "/" in pattern or os.sep in pattern


def _normal(path: Path) -> Path:
    return Path(os.path.normpath(path))


def _real(path: Path) -> Path:
    return Path(os.path.realpath(path))


def _shown(path: Path, config: pytest.Config) -> str:
    try:
        return str(path.relative_to(config.invocation_params.dir))
    except ValueError:
        return str(path)
