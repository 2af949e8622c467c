"""How a print job is shown."""

from typing import Any

from device_gateway.store.jobs import Document, Job
from device_gateway.web import words
from device_gateway.web.problems import language

_TITLES = {
    "fr": {Document.RECEIPT: "Reçu", Document.REFUND: "Remboursement", Document.DRAWER: "Tiroir-caisse",
           Document.TEST: "Essai d'impression"},
    "en": {Document.RECEIPT: "Receipt", Document.REFUND: "Refund slip", Document.DRAWER: "Cash drawer",
           Document.TEST: "Test page"},
}  # fmt: skip


def describe_job(job: Job) -> dict[str, Any]:
    return {
        "id": job.job_id,
        "role": job.role.value,
        "state": job.shown_state,
        "reason": words.explain_causes(job.reason, language()),
        "order_number": job.order_number,
        "title": job.title or _TITLES[language()].get(job.kind, ""),
        "copy": job.copy,
        "created_at": job.created_at,
    }
