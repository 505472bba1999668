import type { IdRules } from '../request/tool-call-id.ts'

/** Ids of tool calls: any text is taken, and none is fine too. */
export const idRules: IdRules = { pattern: /^[\w.:-]+$/, maxLength: 128 }
