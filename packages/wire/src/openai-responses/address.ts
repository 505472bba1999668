import { openaiKeyHeaders } from '../openai-chat/address.ts'
import type { AddressRules } from '../request/retarget.ts'

/** Base URLs and keys as OpenAI's SDK takes them. */
export const address: AddressRules = {
  suffix: (path) => path.slice(path.lastIndexOf('/responses')),
  keyHeaders: openaiKeyHeaders,
}
