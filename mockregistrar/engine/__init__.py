"""The carrier core behind one contract: octets and time in, octets and events out."""
