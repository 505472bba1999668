import type { IdRules } from '../request/tool-call-id.ts'

/** Any id will do. */
export const idRules: IdRules = { pattern: /^[^]+$/, maxLength: 256 }

/**
 * Stands in for the signature of a function call that Gemini did not make; without one Gemini 3 refuses the request.
 * https://ai.google.dev/gemini-api/docs/thought-signatures (2026-11-21)
 */
export const unsignedCall = 'skip_thought_signature_validator'
