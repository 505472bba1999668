import { expect, test } from 'vitest'
import { httpHeaders } from '@holdfast/core'
import { Sightings } from './sightings.ts'

test('what went by is counted by place, without its query', () => {
  const sightings = new Sightings()
  const request = {
    method: 'POST',
    url: 'https://api.example.com/v1/chat/completions?key=secret',
    headers: httpHeaders(),
    body: '{}',
    signal: undefined,
    layer: 'fetch' as const,
  }
  sightings.unknown(request)
  sightings.unknown(request)
  expect(sightings.report().passing).toEqual([
    {
      host: 'api.example.com',
      path: '/v1/chat/completions',
      layer: 'fetch',
      why: 'unknown format',
      calls: 2,
    },
  ])
})

test('the list of places stays bounded, however many there are', () => {
  const sightings = new Sightings()
  for (let index = 0; index < 1_000; index++) {
    sightings.passing('fetch', `https://host-${index}.example.com/x`, 'not caught')
  }
  expect(sightings.report().passing).toHaveLength(200)
})

test('a bug is told with its place and how often', () => {
  const sightings = new Sightings()
  sightings.bug('telemetry', new TypeError('x'))
  sightings.bug('telemetry', new TypeError('x'))
  expect(sightings.report().bugs).toEqual([
    { where: 'telemetry', message: 'TypeError: x', times: 2 },
  ])
})
