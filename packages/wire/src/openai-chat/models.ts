/** True for models of OpenAI that reason: they refuse sampling parameters and take a reasoning effort. */
export function isReasoningModel(model: string): boolean {
  return /(^|\/)(o\d|gpt-([5-9]|\d\d)|gpt-oss)/.test(model) && !/chat-latest/.test(model)
}

/** What `reasoning_effort` may be on every reasoning model of today. */
export const efforts: readonly string[] = ['low', 'medium', 'high']

/** What tools may be called (the API's own error message says so, 2026-11-21). */
export const toolName: RegExp = /^[a-zA-Z0-9_-]{1,64}$/

/** True for models that OpenAI itself serves. */
export function isOpenaiModel(model: string): boolean {
  return /^(openai\/)?(gpt-(?!oss)|chatgpt-|o\d|codex-)/.test(model)
}

/** True for Mistral's models, whose servers refuse what they do not know. */
export function isMistralModel(model: string): boolean {
  return /(mi[sn]tral|mixtral|codestral|devstral|magistral|pixtral|voxtral)/.test(model)
}

/** DeepSeek from 4 on refuses a history in which an answer comes without its reasoning (its own error message says so, 2026-11-21). */
export function wantsReasoningBack(model: string): boolean {
  return /deepseek-v([4-9]|\d\d)/.test(model)
}
