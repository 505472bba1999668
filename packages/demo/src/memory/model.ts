import { conversation, react } from '@holdfast/lab'
import type { LabRequest, Step } from '@holdfast/lab'

/** What the person says in the first process, and what in the next. */
export const told = 'I prefer aisle seats on flights.'
export const asked = 'Book me a flight to Vienna.'

/** What the agent answers where it knows of the preference, and where it does not. */
export const knowing = 'Booked: OS 456 to Vienna, aisle seat, as you prefer.'
export const guessing = 'Booked: OS 456 to Vienna, any seat.'

/** A model that knows nothing but what stands in the request. */
export function model(request: LabRequest): Step {
  // KaibanJS asks for its steps as JSON.
  const speak = request.wire === 'openai-chat' ? react : conversation
  if (!request.bodyText.includes(asked)) {
    return speak({ calls: [], answer: 'I will keep that in mind.' })(request)
  }
  const knows = request.bodyText.includes('aisle')
  const calls = [
    { name: 'book_flight', arguments: { to: 'Vienna', seat: knows ? 'aisle seat' : 'any seat' } },
  ]
  return speak({ calls, answer: knows ? knowing : guessing })(request)
}
