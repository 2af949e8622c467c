/** What the plan editor says. French first; English has the same sentences. */

const fr = {
  undo: 'Annuler', redo: 'Rétablir', save: 'Enregistrer une nouvelle version', saving: 'Enregistrement…',
  saved: 'Tout est enregistré', unsaved: 'Modifications non enregistrées',
  found: 'Un brouillon non enregistré de ce plan a été retrouvé.', resume: 'Reprendre le brouillon', forget: 'L’oublier',
  none: 'Aucune place choisie : touchez des places, encadrez-les, ou prenez la liste.', one: '1 place choisie', many: '{n} places choisies',
  all: 'Tout choisir', clear: 'Ne rien choisir', row: 'Rangs entiers',
  seats: 'Places choisies', category: 'Catégorie', traits: 'Particularités', wheelchair: 'Emplacement fauteuil', folding: 'Strapontin', reduced: 'Visibilité réduite',
  pair: 'Accompagnant du fauteuil', pairHelp: 'Choisissez un emplacement fauteuil et une place.', quality: 'Rang de qualité (1 : meilleure)', apply: 'Appliquer',
  move: 'Déplacer', step: 'Pas', up: 'Vers le haut', down: 'Vers le bas', left: 'Vers la gauche', right: 'Vers la droite', moveHelp: 'Ou tirez les places choisies, ou Alt et les flèches. Suppr les supprime, Ctrl+A choisit tout, Ctrl+Z annule.',
  number: 'Numéroter', scheme: 'Numéros', schemeAll: '1, 2, 3…', schemeOdd: 'impairs', schemeEven: 'pairs', schemeCentre: 'impairs à gauche, pairs à droite', start: 'Premier', fromRight: 'en partant de la droite', renumber: 'Numéroter les places',
  rowName: 'Nom du premier rang', renameRows: 'Nommer les rangs',
  shape: 'Forme', mirror: 'Retourner les rangs (miroir)', aisle: 'Allée entre deux places', aisleHelp: 'Choisissez deux places qui se suivent.', remove: 'Supprimer les places',
  add: 'Ajouter des rangs', zone: 'Zone', newZone: 'Nouvelle zone', zoneName: 'Nom de la zone', rows: 'Rangs', perRow: 'Places par rang', pitch: 'Entre places (cm)', rowPitch: 'Entre rangs (cm)', curve: 'Courbure (cm)', addBlock: 'Ajouter',
  plan: 'Plan', planName: 'Nom du plan', categories: 'Catégories', addCategory: 'Ajouter une catégorie', code: 'Code', name: 'Nom', colour: 'Couleur', zones: 'Zones',
  faults: 'Ce plan ne peut pas être enregistré', error: 'Erreur', warning: 'À vérifier', show: 'Montrer les places', refused: 'L’enregistrement a été refusé : {why}', failed: 'L’enregistrement n’a pas abouti. Rien n’est perdu : réessayez.',
}

export type Sentence = keyof typeof fr

const en: Record<Sentence, string> = {
  undo: 'Undo', redo: 'Redo', save: 'Save a new version', saving: 'Saving…',
  saved: 'Everything is saved', unsaved: 'Changes not saved',
  found: 'An unsaved draft of this plan was found.', resume: 'Go on with the draft', forget: 'Forget it',
  none: 'No seat chosen: touch seats, frame them, or take the list.', one: '1 seat chosen', many: '{n} seats chosen',
  all: 'Choose all', clear: 'Choose none', row: 'Whole rows',
  seats: 'Chosen seats', category: 'Category', traits: 'Particulars', wheelchair: 'Wheelchair space', folding: 'Folding seat', reduced: 'Reduced view',
  pair: 'Companion of the wheelchair', pairHelp: 'Choose a wheelchair space and a seat.', quality: 'Quality rank (1 is best)', apply: 'Apply',
  move: 'Move', step: 'Step', up: 'Up', down: 'Down', left: 'Left', right: 'Right', moveHelp: 'Or drag the chosen seats, or Alt with the arrows. Delete removes them, Ctrl+A chooses all, Ctrl+Z undoes.',
  number: 'Number', scheme: 'Numbers', schemeAll: '1, 2, 3…', schemeOdd: 'odd', schemeEven: 'even', schemeCentre: 'odd on the left, even on the right', start: 'First', fromRight: 'from the right', renumber: 'Number the seats',
  rowName: 'Name of the first row', renameRows: 'Name the rows',
  shape: 'Shape', mirror: 'Turn the rows round (mirror)', aisle: 'Aisle between two seats', aisleHelp: 'Choose two seats that follow each other.', remove: 'Remove the seats',
  add: 'Add rows', zone: 'Zone', newZone: 'New zone', zoneName: 'Name of the zone', rows: 'Rows', perRow: 'Seats per row', pitch: 'Between seats (cm)', rowPitch: 'Between rows (cm)', curve: 'Curve (cm)', addBlock: 'Add',
  plan: 'Plan', planName: 'Name of the plan', categories: 'Categories', addCategory: 'Add a category', code: 'Code', name: 'Name', colour: 'Colour', zones: 'Zones',
  faults: 'This plan cannot be saved', error: 'Error', warning: 'To look at', show: 'Show the seats', refused: 'Saving was refused: {why}', failed: 'Saving did not succeed. Nothing is lost: try again.',
}

export type Say = (sentence: Sentence, values?: Record<string, string | number>) => string

export const wordsIn = (language: string): Say => {
  const words = language.startsWith('en') ? en : fr
  return (sentence, values = {}) => words[sentence].replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ''))
}
