"""Signed versions of the set-up of tills (B9). See the README beside `src`."""

from setups.content import BadSetup, ProfileVersion, TillModes, decode, encode, fingerprint
from setups.signing import Signed, certify, sign, verify

__all__ = [
    "BadSetup",
    "ProfileVersion",
    "Signed",
    "TillModes",
    "certify",
    "decode",
    "encode",
    "fingerprint",
    "sign",
    "verify",
]
