// https://platform.claude.com/docs/en/about-claude/models, release notes of the models (2026-11-21)

/** Version of a Claude model as a number: 3.5, 4, 4.6; undefined for other names. */
function versionOf(model: string): number | undefined {
  const [, major, minor] = /claude-(?:[a-z]+-)?(\d+)(?:[-.](\d{1,2})(?!\d))?/.exec(model) ?? []
  return major === undefined ? undefined : Number(`${major}.${minor ?? 0}`)
}

/** Sampling can be set on models before 4.7; those after it refuse a request that tries. */
export function takesSampling(model: string): boolean {
  const version = versionOf(model)
  return version !== undefined && version < 4.7
}

/** How a model is asked to think: by effort from 4.6 on, by a budget of tokens from 3.7 on, or not at all. */
export function thinkingOf(model: string): 'effort' | 'budget' | 'none' {
  const version = versionOf(model) ?? 0
  if (version >= 4.6) return 'effort'
  return version >= 3.7 ? 'budget' : 'none'
}

/** Answers can be held to a JSON schema from 4.5 on. */
export function takesSchema(model: string): boolean {
  return (versionOf(model) ?? 0) >= 4.5
}

/** `max_tokens` where the application named none: as much as every model of that age gives. */
export function usualMaxTokens(model: string): number {
  const version = versionOf(model) ?? 0
  if (version >= 3.7) return 32_000
  return version >= 3.5 ? 8192 : 4096
}
