/** What the till editor says. French first; English has the same sentences. */

const fr = {
  undo: 'Annuler', redo: 'Rétablir', saved: 'Brouillon enregistré', saving: 'Enregistrement…', unsaved: 'Brouillon pas encore enregistré',
  failed: 'L’enregistrement n’a pas abouti. Rien n’est perdu : un nouvel essai suit.', changed: 'Quelqu’un d’autre a changé ce brouillon.', reload: 'Recharger',
  pages: 'Pages', page: 'Page', addPage: 'Ajouter une page', newPage: 'Nouvelle page', removePage: 'Supprimer la page', label: 'Libellé', kind: 'Ce que la page montre',
  PAGE_KIND_KEYS: 'Des touches', PAGE_KIND_PERFORMANCES: 'Les séances en vente', PAGE_KIND_PRODUCTS: 'La boutique', venues: 'Séances de ces lieux seulement (aucun : tous)',
  keysOf: 'Touches de « {page} »', toPage: 'Voir la page', key: 'Touche', addKey: 'Ajouter une touche', newKey: 'Nouvelle touche', removeKey: 'Supprimer la touche', sublabel: 'Deuxième ligne', colour: 'Couleur', colourN: 'Couleur {n}',
  items: 'Ce qu’une touche vend', what: 'Vend', tariff: 'Tarif', option: 'Option', quantity: 'Nombre', addItem: 'Ajouter à la touche', removeItem: 'Retirer', shows: 'Spectacles', products: 'Articles', date: 'Une séance précise',
  modes: 'Modes de paiement', up: 'Monter {what}', down: 'Descendre {what}', drag: 'Déplacer {what} : tirez, ou Alt et les flèches',
  preview: 'Aperçu', till: 'Caisse', phone: 'Téléphone', at: 'Point de vente', noPoint: 'Aucun point de vente n’a ce profil : l’aperçu viendra avec lui.', previewFailed: 'L’aperçu ne peut pas être fait : {why}',
}

export type Sentence = keyof typeof fr

const en: Record<Sentence, string> = {
  undo: 'Undo', redo: 'Redo', saved: 'Draft saved', saving: 'Saving…', unsaved: 'Draft not saved yet',
  failed: 'Saving did not succeed. Nothing is lost: another try follows.', changed: 'Somebody else changed this draft.', reload: 'Reload',
  pages: 'Pages', page: 'Page', addPage: 'Add a page', newPage: 'New page', removePage: 'Remove the page', label: 'Label', kind: 'What the page shows',
  PAGE_KIND_KEYS: 'Keys', PAGE_KIND_PERFORMANCES: 'Performances on sale', PAGE_KIND_PRODUCTS: 'The shop', venues: 'Performances of these venues only (none: all)',
  keysOf: 'Keys of “{page}”', toPage: 'See the page', key: 'Key', addKey: 'Add a key', newKey: 'New key', removeKey: 'Remove the key', sublabel: 'Second line', colour: 'Colour', colourN: 'Colour {n}',
  items: 'What a key sells', what: 'Sells', tariff: 'Tariff', option: 'Option', quantity: 'Number', addItem: 'Add to the key', removeItem: 'Take away', shows: 'Shows', products: 'Articles', date: 'One performance',
  modes: 'Payment modes', up: 'Move {what} up', down: 'Move {what} down', drag: 'Move {what}: drag, or Alt with the arrows',
  preview: 'Preview', till: 'Till', phone: 'Telephone', at: 'Point of sale', noPoint: 'No point of sale has this profile: the preview comes with one.', previewFailed: 'The preview cannot be made: {why}',
}

export type Say = (sentence: Sentence, values?: Record<string, string | number>) => string

export function sayIn(language: string): Say {
  const words = language.startsWith('en') ? en : fr
  return (sentence, values = {}) => words[sentence].replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole))
}
