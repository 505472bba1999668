import type { IdRules } from '../request/tool-call-id.ts'

/** Ids of tool calls: Cohere's own are a name and a word, and any other text is taken. */
export const idRules: IdRules = { pattern: /^[\w.:-]+$/, maxLength: 128 }
