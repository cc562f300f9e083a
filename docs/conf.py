"""How the documentation is built: ``python -m sphinx -W docs docs/_build``, with the extra `docs` installed."""

from __future__ import annotations

import sys
from pathlib import Path

import mockregistrar

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

project = "pytest-sipreg"
copyright = "the pytest-sipreg authors"
version = release = mockregistrar.__version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sipreg_reference"]
exclude_patterns = ["_build", "_ext", "examples"]
source_suffix = {".md": "markdown"}

myst_enable_extensions = ["deflist"]
myst_heading_anchors = 3

default_role = "code"
autodoc_member_order = "bysource"
autodoc_typehints = "description"
autodoc_class_signature = "mixed"

html_theme = "alabaster"
html_theme_options = {"description": "A mock SIP carrier for tests", "fixed_sidebar": True}
