"""``python -m mockregistrar``: the command line."""

from __future__ import annotations

from mockregistrar.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
