"""What the till says to people, in French and English, by reason."""

from collections.abc import Mapping

LANGUAGES = ("fr", "en")

# reason -> (title, sentence); facts are put in by name.
_FR = {
    "NOT_ENROLLED": ("Caisse non enrôlée", "Saisissez d'abord le code d'enrôlement de cette caisse."),
    "ALREADY_ENROLLED": ("Déjà enrôlée", "Cette caisse est déjà enrôlée."),
    "ENROLMENT_CODE_WRONG": ("Code refusé", "Ce code d'enrôlement est faux, périmé ou déjà utilisé."),
    "TOO_MANY_ATTEMPTS": ("Trop d'essais", "Attendez un peu avant d'essayer un autre code."),
    "NOT_SIGNED_IN": ("Identification", "Identifiez-vous d'abord avec votre code."),
    "CASHIER_NOT_FOUND": ("Caissier inconnu", "Cette personne ne peut pas utiliser cette caisse."),
    "PIN_WRONG": ("Code faux", "Ce code n'est pas le bon. Essais restants : {attempts_left}."),
    "PIN_THROTTLED": ("Trop d'essais", "Attendez {retry_seconds} s avant d'essayer un autre code."),
    "TRAINING_STATE": ("Mode école", "Cette caisse est déjà dans cet état. Rechargez la page."),
    "BADGE_UNKNOWN": ("Badge inconnu", "Personne ne porte ce badge ici. Utilisez votre code PIN."),
    "OVERRIDE_NEEDED": ("Accord nécessaire", "Il faut l'accord d'un responsable pour {right} : {people}."),
    "FORBIDDEN": ("Accès refusé", "Vous n'avez pas le droit de faire cela ({right})."),
    "FLOAT_ALREADY_OPEN": ("Fonds déjà ouvert", "Vous avez déjà un fonds de caisse ouvert."),
    "FLOAT_NOT_DECLARED": ("Comptez d'abord", "Le fonds a bougé depuis le dernier comptage : comptez-le à nouveau."),
    "DIFFERENCE_UNEXPLAINED": ("Écart à expliquer", "Dites d'où vient l'écart, ou que vous ne le savez pas."),
    "OWN_SIGNATURE": ("Une autre personne", "Il faut l'accord d'une autre personne que vous."),
    "FLOAT_NOT_ON_ITS_WAY": ("Fonds inconnu ici", "Cette caisse n'a pas appris que ce fonds a quitté l'autre caisse."),
    "FLOAT_NOT_OPEN": ("Pas de fonds de caisse", "Ouvrez d'abord votre fonds de caisse."),
    "PRODUCT_UNKNOWN": ("Plus en vente", "Un article du panier n'est plus en vente ici."),
    "QUANTITY_OUT_OF_RANGE": ("Quantité impossible", "Une quantité du panier est hors limites ({field})."),
    "PAYMENT_MISMATCH": ("Paiement inexact", "Les paiements ne font pas le total."),
    "PERFORMANCE_OVER": ("Séance terminée", "Cette séance est terminée."),
    "PRICE_CHANGED": ("Prix modifié", "Le prix a changé depuis son affichage. Vérifiez le panier et recommencez."),
    "NOT_ENOUGH_PLACES": ("Pas assez de places", "Il reste {left} place(s) en réserve sur cette caisse."),
    "SEATS_NOT_AT_HAND": (
        "Places pas disponibles ici",
        "Ces places ne sont pas dans la réserve de cette caisse, et le siège ne répond pas. Choisissez-en d'autres."),
    "PLAN_NOT_HERE": ("Plan en route", "Le plan de la salle n'est pas encore arrivé sur cette caisse."),
    "SEAT_TAKEN": ("Places prises", "Une de ces places vient d'être prise. Choisissez-en d'autres."),
    "SEAT_UNKNOWN": ("Places inconnues", "Ces places ne sont pas dans le plan de cette séance."),
    "SEAT_NOT_FOR_YOU": ("Places mises à part", "Ces places sont réservées à un contingent d'un autre canal de vente."),
    "SEAT_FOR_WHEELCHAIRS": ("Emplacements fauteuil", "Ces emplacements sont gardés pour les fauteuils roulants."),
    "COMPANION_ALONE": ("Place d'accompagnateur", "Cette place va avec son emplacement fauteuil : prenez les deux."),
    "TOO_NEAR": ("Places laissées vides", "La distance entre groupes laisse ces places vides."),
    "LEAVES_ORPHANS": ("Place isolée", "Ce choix laisse une place seule, que personne n'achètera. Décalez-le."),
    "QUOTA_REACHED": ("Quota atteint", "Ce point de vente a vendu tout ce qu'il pouvait vendre de cette séance."),
    "CLOCK": ("Horloge", "L'horloge de la caisse est en retard sur sa dernière écriture : l'heure doit être vérifiée."),
    "TILL_FROZEN": ("Caisse bloquée", "Le siège a bloqué cette caisse ({cause}). Appelez un responsable."),
    "TILL_LEAVING": (
        "Caisse rappelée", "Le siège reprend cette caisse : elle ne vend plus. Clôturez les fonds ouverts."),
    "CERTIFICATE_EXHAUSTED": (
        "Billets épuisés", "Cette caisse ne peut plus signer de billets : elle doit d'abord joindre le siège."),
    "SALE_NOT_FOUND": ("Vente introuvable", "Cette vente n'est pas dans le journal de cette caisse."),
    "TICKET_NOT_FOUND": ("Billet introuvable", "Ce billet n'est pas de cette vente."),
    "TICKET_NOT_REISSUABLE": (
        "Réédition impossible", "Cette caisse ne peut plus rééditer ce billet : adressez-vous à un responsable."),
    "SALE_OF_ANOTHER_TILL": (
        "Vente d'un autre guichet",
        "Cette vente vient d'un autre guichet ou d'Internet : seul le guichet qui a vendu peut rembourser."),
    "NOTHING_TO_REFUND": ("Déjà remboursé", "Une partie de ce choix est déjà remboursée. Reprenez la vente."),
    "AMOUNT_CHANGED": ("Montant modifié", "Le montant à rendre a changé. Vérifiez et recommencez."),
    "NOT_ENOUGH_CASH": ("Pas assez d'espèces", "Votre fonds ne contient pas cette somme. Choisissez un autre mode."),
    "NO_TERMINAL": ("Pas de terminal", "Cette caisse n'a pas de terminal de paiement."),
    "TERMINAL_BUSY": ("Terminal occupé", "Un autre paiement est en cours sur le terminal."),
    "PAYMENT_NOT_FOUND": ("Paiement introuvable", "Ce paiement n'existe pas."),
    "PAYMENT_STATE": ("Paiement déjà connu", "On sait déjà ce que ce paiement est devenu."),
    "PAYMENT_IN_DOUBT": (
        "Paiement en doute", "Un paiement de cette vente est en doute : réglez-le avant d'en demander un autre."),
    "PAYMENT_NOT_USABLE": ("Paiement non disponible", "Cet argent est déjà vendu ou rendu."),
    "PAYMENT_FORGOTTEN": (
        "Paiement oublié", "Le terminal a déjà encaissé pour cette vente : reprenez-la dans « Paiements à régler »."),
    "NOT_CLAIMED": ("Dossier à rouvrir", "Ce dossier n'est plus pris par cette caisse : retirez-le et rouvrez-le."),
    "RESERVATION_NOT_FOUND": ("Dossier introuvable", "Ce dossier réservé n'existe pas."),
    "RESERVATION_ENDED": ("Dossier terminé", "Ce dossier est payé, annulé ou expiré."),
    "RESERVATION_BEING_PAID": ("Dossier en cours", "Une autre caisse encaisse ce dossier en ce moment."),
    "HOLD_EXPIRED": ("Places rendues", "Les places de ce dossier ont été rendues."),
    "PAGE_NOT_FOUND": ("Page retirée", "Cette page n'est plus sur cette caisse."),
    "MESSAGE_NOT_FOUND": ("Message retiré", "Ce message n'est plus affiché sur cette caisse."),
    "QUESTION_UNANSWERED": ("Question sans réponse", "Posez d'abord la question au client : {question}"),
    "JOB_NOT_FOUND": ("Impression introuvable", "Cette impression n'existe pas."),
    "JOB_STATE": ("Impossible dans cet état", "Cette impression n'est pas dans un état qui le permet ({state})."),
    "REQUEST_REUSED": ("Requête réutilisée", "Cet identifiant de requête a déjà servi pour une autre opération."),
    "FIELD_INVALID": ("Requête incorrecte", "Un champ est incorrect : {field}."),
    "PROXY_REFUSED": ("Proxy", "Le proxy refuse le mot de passe de cette caisse. Prévenez l'informatique."),
    "UNAVAILABLE": ("Siège injoignable", "Le siège ne répond pas. Réessayez plus tard."),
    "ORIGIN": ("Requête refusée", "Cette requête ne vient pas de la page de la caisse."),
    "HOST": ("Requête refusée", "La caisse n'est pas connue sous ce nom."),
    "CSRF": ("Page périmée", "Rechargez la page de la caisse."),
    "NOT_FOUND": ("Introuvable", "Cette adresse n'existe pas."),
    "STORAGE_FULL": (
        "Disque plein", "La caisse ne peut plus écrire sur son disque : rien n'est vendu. Libérez de la place."),
    "INVALID": ("Requête incorrecte", "Cette requête ne peut pas être lue."),
    "TOO_LARGE": ("Requête trop grande", "Cette requête est trop grande."),
    "UNEXPECTED": ("Erreur inattendue", "Une erreur inattendue est survenue ; elle est dans le journal technique."),
}  # fmt: skip
_EN = {
    "NOT_ENROLLED": ("Till not enrolled", "Enter this till's enrolment code first."),
    "ALREADY_ENROLLED": ("Already enrolled", "This till is enrolled already."),
    "ENROLMENT_CODE_WRONG": ("Code refused", "This enrolment code is wrong, expired or already used."),
    "TOO_MANY_ATTEMPTS": ("Too many attempts", "Wait a little before trying another code."),
    "NOT_SIGNED_IN": ("Sign in", "Sign in with your PIN first."),
    "CASHIER_NOT_FOUND": ("Unknown cashier", "This person may not use this till."),
    "PIN_WRONG": ("Wrong PIN", "This is not the right PIN. Tries left: {attempts_left}."),
    "PIN_THROTTLED": ("Too many attempts", "Wait {retry_seconds} s before trying another PIN."),
    "TRAINING_STATE": ("Training mode", "This till is in that state already. Reload the page."),
    "BADGE_UNKNOWN": ("Unknown badge", "Nobody wears this badge here. Use your PIN."),
    "OVERRIDE_NEEDED": ("Leave needed", "To {right} you need the leave of somebody who may: {people}."),
    "FORBIDDEN": ("Access refused", "You may not do this ({right})."),
    "FLOAT_ALREADY_OPEN": ("Float already open", "You have a cash float open already."),
    "FLOAT_NOT_DECLARED": ("Count first", "The float has moved since it was counted: count it again."),
    "DIFFERENCE_UNEXPLAINED": (
        "Explain the difference",
        "Say where the difference comes from, or that you do not know.",
    ),
    "OWN_SIGNATURE": ("Another person", "Somebody else than you must agree."),
    "FLOAT_NOT_ON_ITS_WAY": ("Float unknown here", "This till has not heard that this float left the other till."),
    "FLOAT_NOT_OPEN": ("No cash float", "Open your cash float first."),
    "PRODUCT_UNKNOWN": ("No longer on sale", "Something in the basket is no longer on sale here."),
    "QUANTITY_OUT_OF_RANGE": ("Impossible quantity", "A quantity in the basket is out of range ({field})."),
    "PAYMENT_MISMATCH": ("Payment does not match", "The payments do not make the total."),
    "PERFORMANCE_OVER": ("Performance over", "This performance has ended."),
    "PRICE_CHANGED": ("Price changed", "The price has changed since it was shown. Check the basket and try again."),
    "NOT_ENOUGH_PLACES": ("Not enough places", "{left} place(s) are left at this till."),
    "SEATS_NOT_AT_HAND": (
        "Seats not available here",
        "These seats are not in this till's allocation, and the centre does not answer. Choose others.",
    ),
    "PLAN_NOT_HERE": ("Plan on its way", "The seating plan has not reached this till yet."),
    "SEAT_TAKEN": ("Seats taken", "One of these seats has just been taken. Choose others."),
    "SEAT_UNKNOWN": ("Unknown seats", "These seats are not in the plan of this performance."),
    "SEAT_NOT_FOR_YOU": ("Seats set apart", "These seats are set apart for another sales channel."),
    "SEAT_FOR_WHEELCHAIRS": ("Wheelchair spaces", "These spaces are kept for wheelchairs."),
    "COMPANION_ALONE": ("Companion's seat", "This seat goes with its wheelchair space: take both."),
    "TOO_NEAR": ("Seats left empty", "The distance between groups leaves these seats empty."),
    "LEAVES_ORPHANS": ("Single seat", "This choice leaves a single seat that nobody will buy. Move along."),
    "QUOTA_REACHED": ("Quota reached", "This point of sale has sold all that it may sell of this performance."),
    "CLOCK": ("Clock", "The till's clock is behind its last entry: the time must be checked."),
    "TILL_FROZEN": ("Till frozen", "The centre has frozen this till ({cause}). Call a manager."),
    "TILL_LEAVING": ("Till asked back", "The centre takes this till back: it sells no more. Close the open floats."),
    "CERTIFICATE_EXHAUSTED": ("Out of tickets", "This till can sign no more tickets: it must reach the centre first."),
    "SALE_NOT_FOUND": ("Sale not found", "This sale is not in this till's journal."),
    "TICKET_NOT_FOUND": ("Ticket not found", "This ticket is not of this sale."),
    "TICKET_NOT_REISSUABLE": ("Cannot be reissued", "This till can no longer reissue this ticket: ask a manager."),
    "SALE_OF_ANOTHER_TILL": (
        "Sale of another till",
        "This sale comes from another till or from the web: only the till that sold it can refund it.",
    ),
    "NOTHING_TO_REFUND": ("Already refunded", "A part of what you chose is refunded already. Open the sale again."),
    "AMOUNT_CHANGED": (
        "Amount changed",
        "The amount to give back has changed since it was shown. Check and try again.",
    ),
    "NOT_ENOUGH_CASH": ("Not enough cash", "Your float does not hold this amount. Choose another mode."),
    "NO_TERMINAL": ("No terminal", "This till has no payment terminal."),
    "TERMINAL_BUSY": ("Terminal busy", "Another payment is at the terminal."),
    "PAYMENT_NOT_FOUND": ("Payment not found", "There is no such payment."),
    "PAYMENT_STATE": ("Payment known", "What became of this payment is known already."),
    "PAYMENT_IN_DOUBT": ("Payment in doubt", "A payment of this sale is in doubt: settle it before asking again."),
    "PAYMENT_NOT_USABLE": ("Payment not available", "This money is sold for or given back already."),
    "PAYMENT_FORGOTTEN": (
        "Payment forgotten",
        "The terminal took money for this sale: take it up again in “Payments to settle”.",
    ),
    "NOT_CLAIMED": ("Open the file again", "This till has not claimed this file any more: take it off and open it."),
    "RESERVATION_NOT_FOUND": ("File not found", "There is no such reserved file."),
    "RESERVATION_ENDED": ("File ended", "This file is paid, cancelled or expired."),
    "RESERVATION_BEING_PAID": ("File in use", "Another till is taking the money of this file at this moment."),
    "HOLD_EXPIRED": ("Places given back", "The places of this file were given back."),
    "PAGE_NOT_FOUND": ("Page taken away", "This page is no longer at this till."),
    "MESSAGE_NOT_FOUND": ("Message taken away", "This message is no longer shown at this till."),
    "QUESTION_UNANSWERED": ("Question not answered", "Ask the customer first: {question}"),
    "JOB_NOT_FOUND": ("Print job not found", "There is no such print job."),
    "JOB_STATE": ("Not possible now", "The print job's state does not allow this ({state})."),
    "REQUEST_REUSED": ("Request reused", "This request id was used for another act."),
    "FIELD_INVALID": ("Wrong request", "A field is wrong: {field}."),
    "PROXY_REFUSED": ("Proxy", "The proxy refuses this till's password. Tell your network's administrator."),
    "UNAVAILABLE": ("Centre unreachable", "The centre does not answer. Try again later."),
    "ORIGIN": ("Request refused", "This request does not come from the till's page."),
    "HOST": ("Request refused", "The till is not known by this name."),
    "CSRF": ("Page out of date", "Reload the till's page."),
    "NOT_FOUND": ("Not found", "There is no such address."),
    "STORAGE_FULL": ("Disk full", "The till can write no more to its disk: nothing is sold. Make room."),
    "INVALID": ("Wrong request", "This request cannot be read."),
    "TOO_LARGE": ("Request too large", "This request is too large."),
    "UNEXPECTED": ("Unexpected error", "Something went wrong; it is in the technical log."),
}
_CATALOGUE = {"fr": _FR, "en": _EN}

# Rights that people meet at the till, as what one does.
RIGHTS = {
    "fr": {"cashdesk.sell": "vendre", "cashdesk.open_drawer": "ouvrir le tiroir sans vente",
           "cashdesk.training": "passer en mode école", "orders.refund": "rembourser",
           "cashdesk.confirm_clock": "confirmer l'heure de la caisse",
           "cashdesk.setup_devices": "installer les appareils de la caisse",
           "cashdesk.close": "clôturer et valider les caisses",
           "orders.refund_otherwise": "rembourser par un autre mode"},
    "en": {"cashdesk.sell": "sell", "cashdesk.open_drawer": "open the drawer without a sale",
           "cashdesk.training": "enter training mode", "orders.refund": "refund",
           "cashdesk.confirm_clock": "confirm the till's clock",
           "cashdesk.setup_devices": "set up the till's devices",
           "cashdesk.close": "close and validate tills",
           "orders.refund_otherwise": "refund by another mode"},
}  # fmt: skip

PAYMENT_LABELS = {
    "fr": {"cash": "Espèces", "card": "Carte", "cheque": "Chèque", "voucher": "Bon", "transfer": "Virement"},
    "en": {"cash": "Cash", "card": "Card", "cheque": "Cheque", "voucher": "Voucher", "transfer": "Transfer"},
}

CHECKS = {
    "fr": {
        "GENUINE": "Billet authentique.",
        "KNOWN_CODE": "Billet vendu par cette caisse.",
        "REFUNDED": "Billet remboursé : il n'ouvre plus rien.",
        "UNREADABLE": "Ce code n'est pas celui d'un billet.",
        "UNKNOWN_ISSUER": "Billet d'un autre émetteur : cette caisse ne peut pas le vérifier.",
        "BAD_SIGNATURE": "Signature fausse : ce billet est une contrefaçon.",
        "NOT_IN_JOURNAL": "Billet signé par cette caisse mais absent de son journal : appelez un responsable.",
        "NOT_YET_VALID": "Billet authentique, pas encore valable.",
        "EXPIRED": "Billet authentique, séance terminée.",
        "TEST_TITLE": "Billet d'essai : n'ouvre aucun accès.",
        "SUPERSEDED": "Papier remplacé : un duplicata plus récent existe, celui-ci n'ouvre rien.",
    },
    "en": {
        "GENUINE": "Genuine ticket.",
        "KNOWN_CODE": "Ticket sold by this till.",
        "REFUNDED": "Refunded ticket: it opens nothing any more.",
        "UNREADABLE": "This is not a ticket's code.",
        "UNKNOWN_ISSUER": "Ticket of another issuer: this till cannot verify it.",
        "BAD_SIGNATURE": "Wrong signature: this ticket is forged.",
        "NOT_IN_JOURNAL": "Signed by this till but not in its journal: call a manager.",
        "NOT_YET_VALID": "Genuine ticket, not valid yet.",
        "EXPIRED": "Genuine ticket, the performance is over.",
        "TEST_TITLE": "Test ticket: opens nothing.",
        "SUPERSEDED": "Replaced paper: a newer duplicate exists, this one opens nothing.",
    },
}
_CHECK_ELSE = {"fr": "Billet refusé.", "en": "Ticket refused."}

KEY_DISABLED = {
    "fr": {"NO_PERFORMANCE": "Aucune séance à venir", "NO_PRICE": "Tarif non vendu pour cette séance",
           "SOLD_OUT": "Complet", "NO_PRODUCT": "Article retiré de la vente", "NO_OPTION": "Option à choisir",
           "EMPTY": "Touche vide"},
    "en": {"NO_PERFORMANCE": "No performance to come", "NO_PRICE": "Tariff not sold for this performance",
           "SOLD_OUT": "Sold out", "NO_PRODUCT": "Article no longer on sale", "NO_OPTION": "Choose an option",
           "EMPTY": "Empty key"},
}  # fmt: skip


CAUSES = {
    "fr": {
        "offline": "éteinte ou débranchée", "blocked": "arrêtée", "unknown": "ne répond pas",
        "attention": "à surveiller",
        "not_set_up": "pas installé", "wrongly_set_up": "mal installé", "drawer_open": "tiroir ouvert",
        "unreachable": "injoignable", "silent": "muette", "not_asked": "pas encore interrogée",
        "paper_out": "plus de papier", "paper_low": "bientôt plus de papier", "cover_open": "capot ouvert",
        "cutter": "massicot bloqué", "unrecoverable": "panne", "head_hot": "tête trop chaude", "error": "erreur",
        "offline_by_itself": "hors ligne", "restarted": "la caisse a redémarré pendant l'impression",
        "no_evidence": "aucune confirmation de l'imprimante", "line_broke": "liaison coupée",
        "cannot_render": "document impossible à dessiner", "jam": "bourrage", "paused": "en pause",
        "ribbon_out": "plus de ruban", "ribbon_low": "bientôt plus de ruban", "reject_bin": "bac de rejet plein",
        "power_on": "l'imprimante a été rallumée", "refused": "refusé par l'imprimante",
        "illegal_data": "données illisibles", "not_understood": "commande inconnue",
    },
    "en": {
        "offline": "off or unplugged", "blocked": "stopped", "unknown": "does not answer",
        "attention": "needs attention",
        "not_set_up": "not set up", "wrongly_set_up": "wrongly set up", "drawer_open": "drawer open",
        "unreachable": "unreachable", "silent": "silent", "not_asked": "not asked yet", "paper_out": "out of paper",
        "paper_low": "paper low", "cover_open": "cover open", "cutter": "cutter jam", "unrecoverable": "broken down",
        "head_hot": "head too hot", "error": "error", "offline_by_itself": "offline",
        "restarted": "the till restarted while printing", "no_evidence": "no confirmation from the printer",
        "line_broke": "line broken", "cannot_render": "document cannot be drawn", "jam": "paper jam",
        "paused": "paused", "ribbon_out": "out of ribbon", "ribbon_low": "ribbon low", "reject_bin": "reject bin full",
        "power_on": "the printer was switched on again", "refused": "refused by the printer",
        "illegal_data": "data it cannot read", "not_understood": "a command it does not know",
    },
}  # fmt: skip


PAYMENTS = {
    "fr": {
        "declined": "La banque a refusé.", "abandoned": "Abandonné sur le terminal.", "busy": "Le terminal est occupé.",
        "no_connection": "Le terminal est éteint ou débranché.", "no_answer": "Le terminal ne répond pas.",
        "not_understood": "Le terminal n'a pas compris la demande.", "not_registered": "Le terminal refuse la caisse.",
        "not_found": "Le terminal n'a rien reçu.", "restarted": "La caisse a redémarré avant la demande.",
        "told": "Réglé par la caisse.",
    },
    "en": {
        "declined": "The bank refused.", "abandoned": "Cancelled at the terminal.", "busy": "The terminal is busy.",
        "no_connection": "The terminal is off or unplugged.", "no_answer": "The terminal does not answer.",
        "not_understood": "The terminal did not understand.", "not_registered": "The terminal refuses this till.",
        "not_found": "The terminal received nothing.", "restarted": "The till restarted before it asked.",
        "told": "Settled by the cashier.",
    },
}  # fmt: skip
_PAYMENT_ELSE = {"fr": "Le terminal n'a pas dit ce qu'il a fait.", "en": "The terminal did not say what it did."}


class _Facts(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "?"


def explain(reason: str, facts: Mapping[str, str], language: str) -> tuple[str, str] | None:
    """(title, sentence) of a reason; None when there are no words for it."""
    entry = _CATALOGUE[language].get(reason)
    told = _Facts(facts)
    if right := facts.get("right"):
        told["right"] = RIGHTS[language].get(right, right)
    return (entry[0], entry[1].format_map(told)) if entry else None


def explain_causes(reason: str, language: str) -> str:
    """A printer's causes, or a job's reason, in words; what stands after a colon is for the technical log only."""
    parts = [part.partition(":")[0].strip() for part in reason.split(", ")] if reason else []
    return ", ".join(CAUSES[language].get(part, part) for part in parts)


def explain_payment(why: str, language: str) -> str:
    """Why a payment ended as it did; empty where there is nothing to say."""
    return PAYMENTS[language].get(why, _PAYMENT_ELSE[language]) if why else ""


def explain_check(reason: str, language: str) -> str:
    return CHECKS[language].get(reason, _CHECK_ELSE[language])
