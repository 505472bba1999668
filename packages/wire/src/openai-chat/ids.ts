import type { IdRules } from '../request/tool-call-id.ts'
import { isMistralModel } from './models.ts'

/** Ids of tool calls: at most 40 characters (the API's own error message says so, 2026-11-21). */
const idRules: IdRules = { pattern: /^[\w.:-]+$/, maxLength: 40 }

/** Mistral wants exactly nine letters and digits (its own error message says so, 2026-11-21). */
const mistralIdRules: IdRules = {
  pattern: /^[a-zA-Z0-9]{9}$/,
  maxLength: 9,
  made: { prefix: '', digits: 9 },
}

/** Which ids the model's provider accepts. */
export function idRulesFor(model: string): IdRules {
  return isMistralModel(model) ? mistralIdRules : idRules
}
