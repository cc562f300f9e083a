"""The presets by name: servers first, then oddities."""

from __future__ import annotations

from mockregistrar.carrier.personas.model import Persona
from mockregistrar.carrier.personas.oddities import ODDITIES
from mockregistrar.carrier.personas.servers import SERVERS

PERSONAS: dict[str, Persona] = {persona.name: persona for persona in (*SERVERS, *ODDITIES)}
"""Every preset by its name."""
