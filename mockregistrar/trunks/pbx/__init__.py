"""Forms and tables of systems that sit on top of Asterisk, and of other PBXs."""
