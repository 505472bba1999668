import { openaiKeyHeaders } from '../openai-chat/address.ts'
import { type AddressRules, isAzure } from '../request/retarget.ts'

/** Base URLs and keys as for chat. */
export const address: AddressRules = {
  suffix(path, base) {
    const deployment = path.indexOf('/deployments/')
    if (deployment >= 0 && isAzure(base) && base.endsWith('/openai')) return path.slice(deployment)
    return path.endsWith('/fim/completions') ? '/fim/completions' : '/completions'
  },
  keyHeaders: openaiKeyHeaders,
}
