/** A small venue for development: a museum with time slots, a theatre, a shop. */
import type { Key, Layout, Performance, Show, Tariff } from '../src/api/till'

const FULL: Tariff = { id: 'full', label: 'Plein tarif', price: 1250, vat_rate_bp: 550, category_id: 'single', category: 'Unique', seats: '', reduced: false, proof: null }
const REDUCED: Tariff = { id: 'reduced', label: 'Tarif réduit', price: 900, vat_rate_bp: 550, category_id: 'single', category: 'Unique', seats: '', reduced: true, proof: 'Étudiant, demandeur d’emploi' }
const CHILD: Tariff = { id: 'child', label: 'Moins de 12 ans', price: 500, vat_rate_bp: 550, category_id: 'single', category: 'Unique', seats: '', reduced: true, proof: null }
const FREE: Tariff = { id: 'free', label: 'Gratuité', price: 0, vat_rate_bp: 550, category_id: 'single', category: 'Unique', seats: '', reduced: true, proof: 'Carte' }

function slots(show: string, hall: string, count: number, minutes: number, from: Date, lefts: number[], tariffs: Tariff[]): Performance[] {
  return Array.from({ length: count }, (_, i) => {
    const starts = new Date(from.getTime() + i * minutes * 60_000)
    const left = lefts[i % lefts.length]!
    return {
      id: `${show}-${i}`, starts_at: starts.toISOString(), ends_at: new Date(starts.getTime() + 5_400_000).toISOString(),
      hall, capacity: 60, left, online_left: left, plan: null, tariffs,
    }
  })
}

export function layout(now: Date): Layout {
  const nextHalf = new Date(Math.ceil((now.getTime() + 1) / 1_800_000) * 1_800_000)
  const evening = new Date(nextHalf.getTime() + 4 * 3_600_000)
  const museum = slots('museum', '', 36, 30, nextHalf, [42, 18, 60, 3, 0, 55], [FULL, REDUCED, CHILD, FREE])
  const tour = slots('tour', 'Départ accueil', 12, 90, nextHalf, [7, 15, 15], [{ ...FULL, id: 'tour', label: 'Visite guidée', price: 1700 }, { ...REDUCED, id: 'tour-r', price: 1300 }])
  const play = slots('play', 'Grande salle', 8, 1440, evening, [120, 88, 1], [{ ...FULL, id: 'play', price: 2800, vat_rate_bp: 210 }, { ...REDUCED, id: 'play-r', price: 1900, vat_rate_bp: 210 }])
  const shows: Show[] = [
    { id: 'museum', title: 'Collections permanentes', group: 'Musée', colour: '#2563eb', performances: museum },
    { id: 'tour', title: 'Visite guidée « Les coulisses »', group: 'Musée', colour: '#0d9488', performances: tour },
    { id: 'play', title: 'Le Jeu de l’amour et du hasard', group: 'Théâtre', colour: '#9333ea', performances: play },
    { id: 'expo', title: 'Lumières du Nord', group: 'Exposition', colour: '#c2410c', performances: [] },
  ]
  const key = (id: string, show: Show, tariff: Tariff, quantity = 1): Key => ({
    id, label: tariff.label, sublabel: show.title, colour: show.colour, price: tariff.price * quantity, performance: show.performances[0]!, disabled: null,
    items: [{ kind: 'admission', performance_id: show.performances[0]!.id, tariff_id: tariff.id, quantity }],
  })
  const article = (id: string, label: string, price: number, colour: string): Key => ({
    id, label, sublabel: '', colour, price, performance: null, disabled: null,
    items: [{ kind: 'product', product_id: id, option: null, quantity: 1 }],
  })
  const product = (id: string, label: string, price: number, colour: string, options: [string, string, number][] = []) => ({
    id, label, price, colour, options: options.map(([code, words, cost]) => ({ code, label: words, price: cost })),
  })
  const family: Key = {
    ...key('family', shows[0]!, FULL), label: 'Pack famille', sublabel: '2 adultes + 2 enfants', colour: '#be185d', price: 3500,
    items: [
      { kind: 'admission', performance_id: 'museum-0', tariff_id: 'full', quantity: 2 },
      { kind: 'admission', performance_id: 'museum-0', tariff_id: 'child', quantity: 2 },
    ],
  }
  return {
    catalog_version: 7, currency: 'EUR', organiser: 'Musée des Tanneries', theme: {},
    denominations: [50000, 20000, 10000, 5000, 2000, 1000, 500, 200, 100, 50, 20, 10, 5, 2, 1],
    payment_modes: [{ code: 'cash', label: 'Espèces' }, { code: 'card', label: 'Carte' }, { code: 'cheque', label: 'Chèque' }],
    messages: [], questions: [], key_codes: [],
    pages: [
      {
        id: 'quick', label: 'Vente rapide', colour: '', kind: 'keys',
        keys: [
          key('k1', shows[0]!, FULL), key('k2', shows[0]!, REDUCED), key('k3', shows[0]!, CHILD), key('k4', shows[0]!, FREE), family,
          key('k5', shows[1]!, tour[0]!.tariffs[0]!), key('k6', shows[2]!, play[0]!.tariffs[0]!), key('k7', shows[2]!, play[0]!.tariffs[1]!),
          article('guide', 'Audioguide', 400, '#64748b'), article('poster', 'Affiche 50 × 70', 1200, '#ca8a04'), article('card', 'Carte postale', 150, '#ca8a04'),
          { ...article('gone', 'Catalogue 2025', 3900, '#ca8a04'), disabled: 'Épuisé' },
        ],
      },
      { id: 'shows', label: 'Séances', colour: '', kind: 'performances', shows },
      {
        id: 'shop', label: 'Boutique', colour: '', kind: 'products',
        families: [
          { label: 'Papeterie', products: [product('card', 'Carte postale', 150, '#ca8a04'), product('poster', 'Affiche 50 × 70', 1200, '#ca8a04'), product('notebook', 'Carnet', 890, '#ca8a04'), product('pencil', 'Crayon', 250, '#ca8a04')] },
          { label: 'Textile', products: [product('shirt', 'T-shirt', 2200, '#0f766e', [['S', 'Taille S', 2200], ['M', 'Taille M', 2200], ['L', 'Taille L', 2200], ['XL', 'Taille XL', 2400]]), product('bag', 'Sac en toile', 1500, '#0f766e')] },
          { label: 'Livres', products: [product('catalogue', 'Catalogue de l’exposition', 3900, '#7c3aed'), product('kids', 'Le musée des petits', 1290, '#7c3aed')] },
        ],
      },
    ],
  }
}
