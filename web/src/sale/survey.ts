/** Questions to the customer before the payment (B4), and what they may be answered. The till judges again. */
import type { Answer, Question } from '../api/till'

/** By question; null: asked, and nothing was said. */
export type Answers = Readonly<Record<string, string | null>>

export const ABROAD = 'Etranger' // as a postcode

/** Those of the basket that were not asked yet at this sale. */
export function open(questions: readonly Question[], ofBasket: readonly string[], answers: Answers): Question[] {
  return questions.filter((question) => ofBasket.includes(question.id) && !(question.id in answers))
}

export function fits(question: Question, said: string): boolean {
  const text = said.trim()
  switch (question.kind) {
    case 'choice':
      return question.choices.includes(text)
    case 'postcode':
      return /^[0-9A-Za-z][0-9A-Za-z -]{1,9}$/.test(text)
    case 'number':
      return /^[0-9]{1,6}$/.test(text)
    case 'text':
      return text.length > 0 && text.length <= 200
    default:
      return question.kind satisfies never
  }
}

export const toSend = (answers: Answers): Answer[] => Object.entries(answers).map(([question_id, answer]) => ({ question_id, answer }))
