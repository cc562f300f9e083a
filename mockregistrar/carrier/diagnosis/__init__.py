"""Why a request was refused, beyond its reason: down to the character of a password, and what to do about it.

Pure, and after the fact: nothing here is imported before the first refusal.
"""
