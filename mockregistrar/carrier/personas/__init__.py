"""Personas: carriers as they are. Presets as data, a room each for servers and oddities; what knobs do stands apart.

`model` is the value and how several become one, `presets` what there is; `carrier`, `gate`, `login` and `dressing` are
what the knobs do that the plain carrier does not have, `learning` finds them in a capture.
"""

from __future__ import annotations

from mockregistrar.carrier.personas.model import ALL, NOT_KNOBS, Persona, combined, knob_names, lineage, named

__all__ = ["ALL", "NOT_KNOBS", "Persona", "combined", "knob_names", "lineage", "named"]
