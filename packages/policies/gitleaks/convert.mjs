// Turns the rules of gitleaks (MIT, gitleaks/LICENSE) into the data file that the secret scanner loads:
//   GOPATH=$(mktemp -d) go mod download -json github.com/gitleaks/gitleaks/v8@v8.21.2
//   node gitleaks/convert.mjs <the folder that go names>/config/gitleaks.toml v8.21.2
import { readFileSync, writeFileSync } from 'node:fs'
import { parse } from 'smol-toml'

const [file, version] = process.argv.slice(2)
const { rules } = parse(readFileSync(file, 'utf8'))
const license = readFileSync(new URL('LICENSE', import.meta.url), 'utf8')

// Left out: rules that need a path, and those whose secrets the scanner has rules of its own for.
const left = new Set(
  `generic-api-key private-key jwt gcp-api-key aws-access-token github-pat github-oauth github-app-token
  github-refresh-token github-fine-grained-pat gitlab-pat openai-api-key anthropic-api-key anthropic-admin-api-key
  npm-access-token stripe-access-token huggingface-access-token huggingface-organization-api-token sendgrid-api-token
  easypost-api-token easypost-test-api-token infracost-api-token vault-service-token linear-api-key
  grafana-service-account-token grafana-cloud-api-token digitalocean-pat digitalocean-access-token
  digitalocean-refresh-token databricks-api-token sidekiq-sensitive-url curl-auth-header curl-auth-user
  1password-service-account-token shopify-access-token slack-bot-token slack-user-token slack-webhook-url`
    .trim()
    .split(/\s+/),
)
const rows = rules
  .filter(({ id, regex, path }) => regex !== undefined && path === undefined && !left.has(id))
  .map(({ id, regex, entropy, secretGroup, keywords = [], allowlist, allowlists }) => ({
    id,
    regex,
    ...(entropy === undefined ? {} : { entropy }),
    ...(secretGroup === undefined ? {} : { group: secretGroup }),
    keywords: keywords.map((keyword) => keyword.toLowerCase()),
    ...allowed([...(allowlist === undefined ? [] : [allowlist]), ...(allowlists ?? [])]),
  }))

function allowed(lists) {
  const regexes = lists.flatMap((list) => list.regexes ?? [])
  return regexes.length === 0 ? {} : { allow: regexes }
}

const comment = license
  .trim()
  .split('\n')
  .map((line) => ` * ${line}`.trimEnd())
  .join('\n')
writeFileSync(
  new URL('../src/security/secrets/gitleaks-rules.ts', import.meta.url),
  `/*!
 * The rules of gitleaks ${version} (https://github.com/gitleaks/gitleaks), as data; made by gitleaks/convert.mjs.
 *
${comment}
 */

/** A rule of gitleaks: a pattern in RE2 syntax, and words of which one must be near. */
export interface GitleaksRule {
  readonly id: string
  readonly regex: string
  /** Bits per character that the secret must have. */
  readonly entropy?: number
  /** The group of the pattern that is the secret; else the first that matched. */
  readonly group?: number
  readonly keywords: readonly string[]
  /** Secrets that match one of these are none. */
  readonly allow?: readonly string[]
}

export const gitleaksRules: readonly GitleaksRule[] = ${JSON.stringify(rows, undefined, 2)}
`,
)
console.log(`${rows.length} rules`)
