"""Building packs in the browser: see ``docs/engineers/building.md``."""
