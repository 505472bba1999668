import { expect, test } from 'vitest'
import { checkOptions } from './check-options.ts'

const said = (options: unknown) => checkOptions(options).map(({ text }) => text)

test('good options have no problems', () => {
  expect(
    said({
      reliability: {
        retry: { maxAttempts: 4 },
        timeout: { totalMs: Infinity },
        circuitBreaker: false,
        fallback: { to: [{ baseUrl: 'http://127.0.0.1:1/v1', apiKeyEnv: 'OTHER_KEY' }] },
      },
      telemetry: { captureContent: true },
      runLog: 'stderr',
      adapters: { without: ['crew'] },
      ignoreHosts: ['example.com'],
      run: { agent: 'planner' },
    }),
  ).toEqual([])
  expect(said({})).toEqual([])
  expect(said({ reliability: false, telemetry: false, adapters: false, runLog: false })).toEqual([])
})

test.each([
  [{ retry: {} }, /^retry is no option; allowed are reliability, telemetry/],
  [{ reliability: true }, /^reliability came as true \(boolean\); allowed is false or an object/],
  [
    { reliability: { retries: 3 } },
    /^reliability\.retries is no option; allowed there are fallback, hedge, continueText, retry/,
  ],
  [
    { reliability: { retry: { maxAttempts: 0 } } },
    /^reliability\.retry\.maxAttempts came as 0 \(number\); allowed is a number of at least 1/,
  ],
  [
    { reliability: { retry: { maxAttempts: 2.5 } } },
    /^reliability\.retry\.maxAttempts came as 2\.5/,
  ],
  [
    { reliability: { fallback: { to: [{ baseUrl: 'nope' }] } } },
    /^reliability\.fallback\.to\[0\]\.baseUrl came as "nope" \(string\); allowed is an absolute URL/,
  ],
  [
    { reliability: { fallback: { to: [{ format: 'cobol', model: 'm', apiKey: 'k' }] } } },
    /^reliability\.fallback\.to\[0\]\.format came as "cobol" \(string\); allowed is "openai-chat" or "openai-responses" or "anthropic-messages" or "gemini"/,
  ],
  [
    { reliability: { fallback: { to: [{ format: 'gemini', apiKeyEnv: 'K' }] } } },
    /^reliability\.fallback\.to\[0\]\.model is missing; allowed is the name of a model/,
  ],
  [
    { reliability: { fallback: { chains: { rateLimits: [] } } } },
    /^reliability\.fallback\.chains\.rateLimits is no option; allowed there are rateLimit, outage, contextLength/,
  ],
  [
    { reliability: { fallback: { chains: { quota: [{ model: '' }] } } } },
    /^reliability\.fallback\.chains\.quota\[0\]\.model came as ""/,
  ],
  [
    { reliability: { fallback: { chains: { quota: [] } } } },
    /^reliability\.fallback\.to is missing; allowed is a list of at least one target, here or in chains/,
  ],
  [
    { reliability: { hedge: { maxShare: 5 } } },
    /^reliability\.hedge\.maxShare came as 5 \(number\); allowed is a number of at most 1/,
  ],
  [
    { runLog: 'file' },
    /^runLog came as "file" \(string\); allowed is false or "stderr" or a function/,
  ],
  [
    { ignoreHosts: 'example.com' },
    /^ignoreHosts came as "example.com" \(string\); allowed is an array/,
  ],
  ['on', /^the options came as "on" \(string\); allowed is an object/],
])('%j is told apart', (options, text) => {
  expect(said(options)[0]).toMatch(text)
})

test('several problems are told together', () => {
  expect(said({ runLog: 3, ignoreHosts: [4] })).toHaveLength(2)
})

test('a value that may be a secret is not shown', () => {
  const [text] = said({ reliability: { fallback: { to: [{ apiKey: 12345678 }] } } })
  expect(text).toContain('apiKey came as (number, not shown)')
  expect(text).not.toContain('12345678')
})
