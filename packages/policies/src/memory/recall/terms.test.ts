import { expect, test } from 'vitest'
import { termsOf } from './terms.ts'

test.each([
  ['She went hiking in the hills', ['go', 'hik', 'hill']],
  ["Ada's favourite colours", ['ada', 'favorit', 'color']],
  ['Café crème, s’il vous plaît', ['cafe', 'crem', 'plait']],
  ['Straße STRASSE', ['strass', 'strass']],
  ['gpt-4o v2', ['gpt', '4o', 'v2']],
  ['我喜欢喝茶', ['我喜', '喜欢', '欢喝', '喝茶']],
  ['東京タワー ABC', ['東京', '京タ', 'タワ', 'ワー', 'abc']],
  ['iPhone15を買う', ['iphone15', 'を買', '買う']],
  ['茶', ['茶']],
  ['กินข้าว', ['กิน', 'นข้', 'ข้า', 'าว']],
  ['강남에서 만나요', ['강남에서', '만나요']],
  ['', []],
  ['of the and', []],
])('%s', (text, terms) => {
  expect(termsOf(text)).toEqual(terms)
})
