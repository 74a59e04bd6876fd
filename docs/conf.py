"""Sphinx: the documentation of Hiền Lương, in MyST Markdown."""

from __future__ import annotations

from importlib.metadata import version as version_of

project = "Hiền Lương"
author = "Hiền Lương contributors"
copyright = "Hiền Lương contributors, Apache-2.0"
release = version = version_of("hienluong")
language = "vi"

extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build"]
myst_enable_extensions = ["colon_fence", "deflist", "fieldlist"]
myst_heading_anchors = 4
suppress_warnings = ["myst.xref_missing", "misc.highlighting_failure"]

html_theme = "furo"
html_title = "Hiền Lương"
html_theme_options = {"source_directory": "docs/"}
