// Keys by their issuers' prefixes, whole or masked with stars: sk-…, gsk_…, xai-…, AIza…
const keyByPrefix =
  /\b(?:(?:sk|pk|rk|gsk|xai|pplx|nvapi|csk|tgp|hf|fw|r8|glpat|ghp|github_pat)[-_]|AIza|AKIA|ya29\.)[\w*.~-]{6,}/g
const keyByName =
  /(\b(?:api[ _-]?key|key|token|secret|password)(?: provided)?["']?\s*(?:is\s*)?[:=]\s*["']?)[^\s"',;&]+/gi
const bearer = /\b(bearer\s+)[\w.~+/*=-]{6,}/gi

/** The text with everything that looks like a key taken out: providers repeat keys in their messages. */
export function withoutSecrets(message: string): string {
  return message
    .replaceAll(bearer, '$1[redacted]')
    .replaceAll(keyByName, '$1[redacted]')
    .replaceAll(keyByPrefix, '[redacted]')
}
