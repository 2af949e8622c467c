"""A report in French and in English."""

from collections.abc import Mapping

from ledger.verify.report import Mark, Remark, Report

LANGUAGES = ("fr", "en")

_MARKS: Mapping[Mark, tuple[str, str]] = {
    Mark.NOT_A_JOURNAL: ("ce fichier n'est pas un journal de caisse", "this file is no journal of a till"),
    Mark.BAD_LINE: ("ligne illisible", "unreadable line"),
    Mark.NO_SEAL: ("le sceau de l'archive manque : elle est tronquée", "the archive has no seal: it is truncated"),
    Mark.SEAL_BROKEN: ("le sceau de l'archive est rompu", "the seal of the archive is broken"),
    Mark.AFTER_THE_SEAL: ("une ligne suit le sceau", "a line follows the seal"),
    Mark.ROOT_UNKNOWN: ("la clé racine n'est pas celle attendue", "the root key is not the one expected"),
    Mark.CENTRE_NOT_CERTIFIED: (
        "la clé du siège n'est pas certifiée par la clé racine",
        "the root does not vouch for the centre's key",
    ),
    Mark.BAD_KEY: ("la clé de la caisse n'est pas la bonne", "the till's key is not the right one"),
    Mark.BAD_SIGNATURE: (
        "signature fausse : écriture modifiée, ou signée par une autre clé",
        "bad signature: the entry was altered, or signed by another key",
    ),
    Mark.BAD_ENTRY: ("écriture signée mais hors format", "signed, but not an entry of this format"),
    Mark.WRONG_TILL: ("écriture d'une autre caisse", "entry of another till"),
    Mark.GAP: ("des écritures manquent avant celle-ci", "entries are missing before this one"),
    Mark.BROKEN_CHAIN: ("chaînage rompu avec l'écriture précédente", "does not follow the entry before it"),
    Mark.FORK: ("deux écritures différentes sous ce numéro", "two different entries under this number"),
    Mark.REPEATED: ("écriture présente deux fois", "the same entry twice"),
    Mark.OUT_OF_ORDER: ("écriture hors de sa place", "entry out of its place"),
    Mark.TRUNCATED: ("des écritures manquent à la fin", "entries are missing at the end"),
    Mark.BAD_BODY: ("contenu incohérent", "the content does not add up"),
    Mark.CLOSING_WRONG: (
        "clôture fausse (déclaré, puis recalculé)",
        "the closing is wrong (stated, then recomputed)",
    ),
    Mark.BAD_RECEIPT: ("accusé du siège faux", "bad receipt of the centre"),
    Mark.RECEIPT_CONTRADICTS: (
        "le siège avait contresigné une autre écriture sous ce numéro",
        "the centre had countersigned another entry under this number",
    ),
    Mark.NOT_COUNTERSIGNED: (
        "les dernières écritures n'ont pas encore l'accusé du siège",
        "the last entries have no receipt of the centre yet",
    ),
}
_NOTES: Mapping[Mark, tuple[str, str]] = {
    Mark.ROOT_UNKNOWN: (
        "aucune clé racine : la clé du siège est celle du fichier (voir --root)",
        "no root key: the centre's key is taken from the file (see --root)",
    ),
    Mark.NOT_COUNTERSIGNED: (
        "contresignées par le siège jusqu'à l'écriture {countersigned} seulement",
        "countersigned by the centre up to entry {countersigned} only",
    ),
}
_HEAD = (
    "{file} : caisse {till}{training}, {kind}, écritures {first} à {last}",
    "{file}: till {till}{training}, {kind}, entries {first} to {last}",
)
_KINDS = {
    "archive": ("archive de {of}", "archive of {of}"),
    "export": ("export du journal", "live export"),
    "": ("", ""),
}
_FIGURES = (
    "  {entries} écritures lues, {closings} clôtures recalculées, total perpétuel {perpetual}, en valeur absolue"
    " {absolute}",
    "  {entries} entries read, {closings} closings recomputed, perpetual total {perpetual}, absolute {absolute}",
)
_ROOT = ("  clé racine {root}", "  root key {root}")
_TRAINING = (" (MODE ÉCOLE)", " (TRAINING)")
_ENTRY = ("  ✗ écriture {sequence} : {words}", "  ✗ entry {sequence}: {words}")
_WHOLE = ("  ✗ {words}", "  ✗ {words}")
_MORE = ("  … et {more} autres", "  … and {more} more")
_VERDICT = {
    True: ("  ✓ TOUT TIENT", "  ✓ EVERYTHING HOLDS"),
    False: ("  ✗ {count} ANOMALIES", "  ✗ {count} FAULTS"),
}


def told(file: str, report: Report, language: str, most: int) -> str:
    """The report as text, one line per fault."""
    at = LANGUAGES.index(language)
    kind = _KINDS[report.kind][at].format(of=report.of)
    said = []
    if report.till:
        said.append(
            _HEAD[at].format(
                file=file, till=report.till, training=_TRAINING[at] if report.is_training else "", kind=kind,
                first=report.first, last=report.last,
            )
        )  # fmt: skip
        said.append(
            _FIGURES[at].format(
                entries=report.entries, closings=report.closings, perpetual=_money(report.perpetual, report, at),
                absolute=_money(report.perpetual_absolute, report, at),
            )
        )  # fmt: skip
        if report.root:
            said.append(_ROOT[at].format(root=report.root))
    else:
        said.append(file)
    said += [_line(remark, at) for remark in report.remarks[:most]]
    if len(report.remarks) > most:
        said.append(_MORE[at].format(more=len(report.remarks) - most))
    said += ["  · " + _NOTES[note][at].format(countersigned=report.countersigned) for note in report.notes]
    said.append(_VERDICT[report.holds][at].format(count=len(report.remarks)))
    return "\n".join(said)


def _line(remark: Remark, at: int) -> str:
    words = _MARKS[remark.mark][at] + (f" – {remark.detail}" if remark.detail else "")
    return (_ENTRY if remark.sequence else _WHOLE)[at].format(sequence=remark.sequence, words=words)


def _money(minor_units: int, report: Report, at: int) -> str:
    sign, whole, cents = "-" if minor_units < 0 else "", abs(minor_units) // 100, abs(minor_units) % 100
    return f"{sign}{whole}{',.'[at]}{cents:02d} {report.currency}".rstrip()
