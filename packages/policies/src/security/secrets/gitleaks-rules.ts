/*!
 * The rules of gitleaks v8.21.2 (https://github.com/gitleaks/gitleaks), as data; made by gitleaks/convert.mjs.
 *
 * MIT License
 *
 * Copyright (c) 2019 Zachary Rice
 *
 * Permission is hereby granted, free of charge, to any person obtaining a copy
 * of this software and associated documentation files (the "Software"), to deal
 * in the Software without restriction, including without limitation the rights
 * to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
 * copies of the Software, and to permit persons to whom the Software is
 * furnished to do so, subject to the following conditions:
 *
 * The above copyright notice and this permission notice shall be included in all
 * copies or substantial portions of the Software.
 *
 * THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
 * IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
 * FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
 * AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
 * LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
 * OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
 * SOFTWARE.
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

export const gitleaksRules: readonly GitleaksRule[] = [
  {
    id: 'adafruit-api-key',
    regex:
      '(?i)[\\w.-]{0,10}?(?:adafruit)(?:[ \\t\\w.-]{0,20})(?:[\\s|\']|[\\s|"]){0,3}(?:=|>|:{1,3}=|\\|\\|:|<=|=>|:|\\?=)(?:\'|\\"|\\s|=|\\x60){0,5}([a-z0-9_-]{32})(?:[\'|\\"|\\n|\\r|\\s|\\x60|;]|$)',
    keywords: ['adafruit'],
  },
  {
    id: 'adobe-client-id',
    regex:
      '(?i)[\\w.-]{0,10}?(?:adobe)(?:[ \\t\\w.-]{0,20})(?:[\\s|\']|[\\s|"]){0,3}(?:=|>|:{1,3}=|\\|\\|:|<=|=>|:|\\?=)(?:\'|\\"|\\s|=|\\x60){0,5}([a-f0-9]{32})(?:[\'|\\"|\\n|\\r|\\s|\\x60|;]|$)',
    entropy: 2,
    keywords: ['adobe'],
  },
  {
    id: 'adobe-client-secret',
    regex: '\\b(p8e-(?i)[a-z0-9]{32})(?:[\'|\\"|\\n|\\r|\\s|\\x60|;]|$)',
    entropy: 2,
    keywords: ['p8e-'],
  },
  {
    id: 'age-secret-key',
    regex: 'AGE-SECRET-KEY-1[QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]{58}',
    keywords: ['age-secret-key-1'],
  },
  {
    id: 'airtable-api-key',
    regex:
      '(?i)[\\w.-]{0,10}?(?:airtable)(?:[ \\t\\w.-]{0,20})(?:[\\s|\']|[\\s|"]){0,3}(?:=|>|:{1,3}=|\\|\\|:|<=|=>|:|\\?=)(?:\'|\\"|\\s|=|\\x60){0,5}([a-z0-9]{17})(?:[\'|\\"|\\n|\\r|\\s|\\x60|;]|$)',
    keywords: ['airtable'],
  },
  {
    id: 'algolia-api-key',
    regex:
      '(?i)[\\w.-]{0,10}?(?:algolia)(?:[ \\t\\w.-]{0,20})(?:[\\s|\']|[\\s|"]){0,3}(?:=|>|:{1,3}=|\\|\\|:|<=|=>|:|\\?=)(?:\'|\\"|\\s|=|\\x60){0,5}([a-z0-9]{32})(?:[\'|\\"|\\n|\\r|\\s|\\x60|;]|$)',
    keywords: ['algolia'],
  },
  {
    id: 'alibaba-access-key-id',
    regex: '\\b(LTAI(?i)[a-z0-9]{20})(?:[\'|\\"|\\n|\\r|\\s|\\x60|;]|$)',
    entropy: 2,
    keywords: ['ltai'],
  },
  {
    id: 'alibaba-secret-key',
    regex:
      '(?i)[\\w.-]{0,10}?(?:alibaba)(?:[ \\t\\w.-]{0,20})(?:[\\s|\']|[\\s|"]){0,3}(?:=|>|:{1,3}=|\\|\\|:|<=|=>|:|\\?=)(?:\'|\\"|\\s|=|\\x60){0,5}([a-z0-9]{30})(?:[\'|\\"|\\n|\\r|\\s|\\x60|;]|$)',
    entropy: 2,
    keywords: ['alibaba'],
  },
  {
    id: 'asana-client-id',
    regex:
      '(?i)[\\w.-]{0,10}?(?:asana)(?:[ \\t\\w.-]{0,20})(?:[\\s|\']|[\\s|"]){0,3}(?:=|>|:{1,3}=|\\|\\|:|<=|=>|:|\\?=)(?:\'|\\"|\\s|=|\\x60){0,5}([0-9]{16})(?:[\'|\\"|\\n|\\r|\\s|\\x60|;]|$)',
    keywords: ['asana'],
  },
  {
    id: 'asana-client-secret',
    regex:
      '(?i)[\\w.-]{0,10}?(?:asana)(?:[ \\t\\w.-]{0,20})(?:[\\s|\']|[\\s|"]){0,3}(?:=|>|:{1,3}=|\\|\\|:|<=|=>|:|\\?=)(?:\'|\\"|\\s|=|\\x60){0,5}([a-z0-9]{32})(?:[\'|\\"|\\n|\\r|\\s|\\x60|;]|$)',
    keywords: ['asana'],
  },
  {
    id: 'atlassian-api-token',
    regex:
      '(?i)[\\w.-]{0,10}?(?:atlassian|confluence|jira)(?:[ \\t\\w.-]{0,20})(?:[\\s|\']|[\\s|"]){0,3}(?:=|>|:{1,3}=|\\|\\|:|<=|=>|:|\\?=)(?:\'|\\"|\\s|=|\\x60){0,5}([a-z0-9]{24})(?:[\'|\\"|\\n|\\r|\\s|\\x60|;]|$)',
    keywords: ['atlassian', 'confluence', 'jira'],
  },
  {
    id: 'authress-service-client-access-key',
    regex:
      '\\b((?:sc|ext|scauth|authress)_(?i)[a-z0-9]{5,30}\\.[a-z0-9]{4,6}\\.(?-i:acc)[_-][a-z0-9-]{10,32}\\.[a-z0-9+/_=-]{30,120})(?:[\'|\\"|\\n|\\r|\\s|\\x60|;]|$)',
    entropy: 2,
    keywords: ['sc_', 'ext_', 'scauth_', 'authress_'],
  },
  {
    id: 'azure-ad-client-secret',
    regex:
      '(?:^|[\\\\\'"\\x60\\s>=:(,)])([a-zA-Z0-9_~.]{3}\\dQ~[a-zA-Z0-9_~.-]{31,34})(?:$|[\\\\\'"\\x60\\s<),])',
    entropy: 3,
    keywords: ['q~'],
  },
  {
    id: 'beamer-api-token',
    regex:
      '(?i)[\\w.-]{0,10}?(?:beamer)(?:[ \\t\\w.-]{0,20})(?:[\\s|\']|[\\s|"]){0,3}(?:=|>|:{1,3}=|\\|\\|:|<=|=>|:|\\?=)(?:\'|\\"|\\s|=|\\x60){0,5}(b_[a-z0-9=_\\-]{44})(?:[\'|\\"|\\n|\\r|\\s|\\x60|;]|$)',
    keywords: ['beamer'],
  },
  {
    id: 'bitbucket-client-id',
    regex:
      '(?i)[\\w.-]{0,10}?(?:bitbucket)(?:[ \\t\\w.-]{0,20})(?:[\\s|\']|[\\s|"]){0,3}(?:=|>|:{1,3}=|\\|\\|:|<=|=>|:|\\?=)(?:\'|\\"|\\s|=|\\x60){0,5}([a-z0-9]{32})(?:[\'|\\"|\\n|\\r|\\s|\\x60|;]|$)',
    keywords: ['bitbucket'],
  },
  {
    id: 'bitbucket-client-secret',
    regex:
      '(?i)[\\w.-]{0,10}?(?:bitbucket)(?:[ \\t\\w.-]{0,20})(?:[\\s|\']|[\\s|"]){0,3}(?:=|>|:{1,3}=|\\|\\|:|<=|=>|:|\\?=)(?:\'|\\"|\\s|=|\\x60){0,5}([a-z0-9=_\\-]{64})(?:[\'|\\"|\\n|\\r|\\s|\\x60|;]|$)',
    keywords: ['bitbucket'],
  },
  {
    id: 'bittrex-access-key',
    regex:
      '(?i)[\\w.-]{0,10}?(?:bittrex)(?:[ \\t\\w.-]{0,20})(?:[\\s|\']|[\\s|"]){0,3}(?:=|>|:{1,3}=|\\|\\|:|<=|=>|:|\\?=)(?:\'|\\"|\\s|=|\\x60){0,5}([a-z0-9]{32})(?:[\'|\\"|\\n|\\r|\\s|\\x60|;]|$)',
    keywords: ['bittrex'],
  },
  {
    id: 'bittrex-secret-key',
    regex:
      '(?i)[\\w.-]{0,10}?(?:bittrex)(?:[ \\t\\w.-]{0,20})(?:[\\s|\']|[\\s|"]){0,3}(?:=|>|:{1,3}=|\\|\\|:|<=|=>|:|\\?=)(?:\'|\\"|\\s|=|\\x60){0,5}([a-z0-9]{32})(?:[\'|\\"|\\n|\\r|\\s|\\x60|;]|$)',
    keywords: ['bittrex'],
  },
  {
    id: 'clojars-api-token',
    regex: '(?i)CLOJARS_[a-z0-9]{60}',
    entropy: 2,
    keywords: ['clojars_'],
  },
  {
    id: 'cloudflare-api-key',
    regex:
      '(?i)[\\w.-]{0,10}?(?:cloudflare)(?:[ \\t\\w.-]{0,20})(?:[\\s|\']|[\\s|"]){0,3}(?:=|>|:{1,3}=|\\|\\|:|<=|=>|:|\\?=)(?:\'|\\"|\\s|=|\\x60){0,5}([a-z0-9_-]{40})(?:[\'|\\"|\\n|\\r|\\s|\\x60|;]|$)',
    entropy: 2,
    keywords: ['cloudflare'],
  },
  {
    id: 'cloudflare-global-api-key',
    regex:
      '(?i)[\\w.-]{0,10}?(?:cloudflare)(?:[ \\t\\w.-]{0,20})(?:[\\s|\']|[\\s|"]){0,3}(?:=|>|:{1,3}=|\\|\\|:|<=|=>|:|\\?=)(?:\'|\\"|\\s|=|\\x60){0,5}([a-f0-9]{37})(?:[\'|\\"|\\n|\\r|\\s|\\x60|;]|$)',
    entropy: 2,
    keywords: ['cloudflare'],
  },
  {
    id: 'cloudflare-origin-ca-key',
    regex: '\\b(v1\\.0-[a-f0-9]{24}-[a-f0-9]{146})(?:[\'|\\"|\\n|\\r|\\s|\\x60|;]|$)',
    entropy: 2,
    keywords: ['cloudflare', 'v1.0-'],
  },
  {
    id: 'codecov-access-token',
    regex:
      '(?i)[\\w.-]{0,10}?(?:codecov)(?:[ \\t\\w.-]{0,20})(?:[\\s|\']|[\\s|"]){0,3}(?:=|>|:{1,3}=|\\|\\|:|<=|=>|:|\\?=)(?:\'|\\"|\\s|=|\\x60){0,5}([a-z0-9]{32})(?:[\'|\\"|\\n|\\r|\\s|\\x60|;]|$)',
    keywords: ['codecov'],
  },
  {
    id: 'cohere-api-token',
    regex:
      '[\\w.-]{0,10}?(?i:[\\w.-]{0,10}?(?:cohere|CO_API_KEY)(?:[ \\t\\w.-]{0,20})(?:[\\s|\']|[\\s|"]){0,3})(?:=|>|:{1,3}=|\\|\\|:|<=|=>|:|\\?=)(?:\'|\\"|\\s|=|\\x60){0,5}([a-zA-Z0-9]{40})(?:[\'|\\"|\\n|\\r|\\s|\\x60|;]|$)',
    entropy: 4,
    keywords: ['cohere', 'co_api_key'],
  },
  {
    id: 'coinbase-access-token',
    regex:
      '(?i)[\\w.-]{0,10}?(?:coinbase)(?:[ \\t\\w.-]{0,20})(?:[\\s|\']|[\\s|"]){0,3}(?:=|>|:{1,3}=|\\|\\|:|<=|=>|:|\\?=)(?:\'|\\"|\\s|=|\\x60){0,5}([a-z0-9_-]{64})(?:[\'|\\"|\\n|\\r|\\s|\\x60|;]|$)',
    keywords: ['coinbase'],
  },
  {
    id: 'confluent-access-token',
    regex:
      '(?i)[\\w.-]{0,10}?(?:confluent)(?:[ \\t\\w.-]{0,20})(?:[\\s|\']|[\\s|"]){0,3}(?:=|>|:{1,3}=|\\|\\|:|<=|=>|:|\\?=)(?:\'|\\"|\\s|=|\\x60){0,5}([a-z0-9]{16})(?:[\'|\\"|\\n|\\r|\\s|\\x60|;]|$)',
    keywords: ['confluent'],
  },
  {
    id: 'confluent-secret-key',
    regex:
      '(?i)[\\w.-]{0,10}?(?:confluent)(?:[ \\t\\w.-]{0,20})(?:[\\s|\']|[\\s|"]){0,3}(?:=|>|:{1,3}=|\\|\\|:|<=|=>|:|\\?=)(?:\'|\\"|\\s|=|\\x60){0,5}([a-z0-9]{64})(?:[\'|\\"|\\n|\\r|\\s|\\x60|;]|$)',
    keywords: ['confluent'],
  },
  {
    id: 'contentful-delivery-api-token',
    regex:
      '(?i)[\\w.-]{0,10}?(?:contentful)(?:[ \\t\\w.-]{0,20})(?:[\\s|\']|[\\s|"]){0,3}(?:=|>|:{1,3}=|\\|\\|:|<=|=>|:|\\?=)(?:\'|\\"|\\s|=|\\x60){0,5}([a-z0-9=_\\-]{43})(?:[\'|\\"|\\n|\\r|\\s|\\x60|;]|$)',
    keywords: ['contentful'],
  },
  {
    id: 'datadog-access-token',
    regex:
      '(?i)[\\w.-]{0,10}?(?:datadog)(?:[ \\t\\w.-]{0,20})(?:[\\s|\']|[\\s|"]){0,3}(?:=|>|:{1,3}=|\\|\\|:|<=|=>|:|\\?=)(?:\'|\\"|\\s|=|\\x60){0,5}([a-z0-9]{40})(?:[\'|\\"|\\n|\\r|\\s|\\x60|;]|$)',
    keywords: ['datadog'],
  },
  {
    id: 'defined-networking-api-token',
    regex:
      '(?i)[\\w.-]{0,10}?(?:dnkey)(?:[ \\t\\w.-]{0,20})(?:[\\s|\']|[\\s|"]){0,3}(?:=|>|:{1,3}=|\\|\\|:|<=|=>|:|\\?=)(?:\'|\\"|\\s|=|\\x60){0,5}(dnkey-[a-z0-9=_\\-]{26}-[a-z0-9=_\\-]{52})(?:[\'|\\"|\\n|\\r|\\s|\\x60|;]|$)',
    keywords: ['dnkey'],
  },
  {
    id: 'discord-api-token',
    regex:
      '(?i)[\\w.-]{0,10}?(?:discord)(?:[ \\t\\w.-]{0,20})(?:[\\s|\']|[\\s|"]){0,3}(?:=|>|:{1,3}=|\\|\\|:|<=|=>|:|\\?=)(?:\'|\\"|\\s|=|\\x60){0,5}([a-f0-9]{64})(?:[\'|\\"|\\n|\\r|\\s|\\x60|;]|$)',
    keywords: ['discord'],
  },
  {
    id: 'discord-client-id',
    regex:
      '(?i)[\\w.-]{0,10}?(?:discord)(?:[ \\t\\w.-]{0,20})(?:[\\s|\']|[\\s|"]){0,3}(?:=|>|:{1,3}=|\\|\\|:|<=|=>|:|\\?=)(?:\'|\\"|\\s|=|\\x60){0,5}([0-9]{18})(?:[\'|\\"|\\n|\\r|\\s|\\x60|;]|$)',
    entropy: 2,
    keywords: ['discord'],
  },
  {
    id: 'discord-client-secret',
    regex:
      '(?i)[\\w.-]{0,10}?(?:discord)(?:[ \\t\\w.-]{0,20})(?:[\\s|\']|[\\s|"]){0,3}(?:=|>|:{1,3}=|\\|\\|:|<=|=>|:|\\?=)(?:\'|\\"|\\s|=|\\x60){0,5}([a-z0-9=_\\-]{32})(?:[\'|\\"|\\n|\\r|\\s|\\x60|;]|$)',
    entropy: 2,
    keywords: ['discord'],
  },
  {
    id: 'doppler-api-token',
    regex: 'dp\\.pt\\.(?i)[a-z0-9]{43}',
    entropy: 2,
    keywords: ['dp.pt.'],
  },
  {
    id: 'droneci-access-token',
    regex:
      '(?i)[\\w.-]{0,10}?(?:droneci)(?:[ \\t\\w.-]{0,20})(?:[\\s|\']|[\\s|"]){0,3}(?:=|>|:{1,3}=|\\|\\|:|<=|=>|:|\\?=)(?:\'|\\"|\\s|=|\\x60){0,5}([a-z0-9]{32})(?:[\'|\\"|\\n|\\r|\\s|\\x60|;]|$)',
    keywords: ['droneci'],
  },
  {
    id: 'dropbox-api-token',
    regex:
      '(?i)[\\w.-]{0,10}?(?:dropbox)(?:[ \\t\\w.-]{0,20})(?:[\\s|\']|[\\s|"]){0,3}(?:=|>|:{1,3}=|\\|\\|:|<=|=>|:|\\?=)(?:\'|\\"|\\s|=|\\x60){0,5}([a-z0-9]{15})(?:[\'|\\"|\\n|\\r|\\s|\\x60|;]|$)',
    keywords: ['dropbox'],
  },
  {
    id: 'dropbox-long-lived-api-token',
    regex:
      '(?i)[\\w.-]{0,10}?(?:dropbox)(?:[ \\t\\w.-]{0,20})(?:[\\s|\']|[\\s|"]){0,3}(?:=|>|:{1,3}=|\\|\\|:|<=|=>|:|\\?=)(?:\'|\\"|\\s|=|\\x60){0,5}([a-z0-9]{11}(AAAAAAAAAA)[a-z0-9\\-_=]{43})(?:[\'|\\"|\\n|\\r|\\s|\\x60|;]|$)',
    keywords: ['dropbox'],
  },
  {
    id: 'dropbox-short-lived-api-token',
    regex:
      '(?i)[\\w.-]{0,10}?(?:dropbox)(?:[ \\t\\w.-]{0,20})(?:[\\s|\']|[\\s|"]){0,3}(?:=|>|:{1,3}=|\\|\\|:|<=|=>|:|\\?=)(?:\'|\\"|\\s|=|\\x60){0,5}(sl\\.[a-z0-9\\-=_]{135})(?:[\'|\\"|\\n|\\r|\\s|\\x60|;]|$)',
    keywords: ['dropbox'],
  },
  {
    id: 'duffel-api-token',
    regex: 'duffel_(?:test|live)_(?i)[a-z0-9_\\-=]{43}',
    entropy: 2,
    keywords: ['duffel_'],
  },
  {
    id: 'dynatrace-api-token',
    regex: 'dt0c01\\.(?i)[a-z0-9]{24}\\.[a-z0-9]{64}',
    entropy: 4,
    keywords: ['dt0c01'],
  },
  {
    id: 'etsy-access-token',
    regex:
      '(?i)[\\w.-]{0,10}?(?:(?-i:ETSY|[Ee]tsy))(?:[ \\t\\w.-]{0,20})(?:[\\s|\']|[\\s|"]){0,3}(?:=|>|:{1,3}=|\\|\\|:|<=|=>|:|\\?=)(?:\'|\\"|\\s|=|\\x60){0,5}([a-z0-9]{24})(?:[\'|\\"|\\n|\\r|\\s|\\x60|;]|$)',
    entropy: 3,
    keywords: ['etsy'],
  },
  {
    id: 'facebook-access-token',
    regex: '(?i)\\b(\\d{15,16}(\\||%)[0-9a-z\\-_]{27,40})(?:[\'|\\"|\\n|\\r|\\s|\\x60|;]|$)',
    entropy: 3,
    keywords: [],
  },
  {
    id: 'facebook-page-access-token',
    regex: '\\b(EAA[MC](?i)[a-z0-9]{20,})(?:[\'|\\"|\\n|\\r|\\s|\\x60|;]|$)',
    entropy: 3,
    keywords: ['eaam', 'eaac'],
  },
  {
    id: 'facebook-secret',
    regex:
      '(?i)[\\w.-]{0,10}?(?:facebook)(?:[ \\t\\w.-]{0,20})(?:[\\s|\']|[\\s|"]){0,3}(?:=|>|:{1,3}=|\\|\\|:|<=|=>|:|\\?=)(?:\'|\\"|\\s|=|\\x60){0,5}([a-f0-9]{32})(?:[\'|\\"|\\n|\\r|\\s|\\x60|;]|$)',
    entropy: 3,
    keywords: ['facebook'],
  },
  {
    id: 'fastly-api-token',
    regex:
      '(?i)[\\w.-]{0,10}?(?:fastly)(?:[ \\t\\w.-]{0,20})(?:[\\s|\']|[\\s|"]){0,3}(?:=|>|:{1,3}=|\\|\\|:|<=|=>|:|\\?=)(?:\'|\\"|\\s|=|\\x60){0,5}([a-z0-9=_\\-]{32})(?:[\'|\\"|\\n|\\r|\\s|\\x60|;]|$)',
    keywords: ['fastly'],
  },
  {
    id: 'finicity-api-token',
    regex:
      '(?i)[\\w.-]{0,10}?(?:finicity)(?:[ \\t\\w.-]{0,20})(?:[\\s|\']|[\\s|"]){0,3}(?:=|>|:{1,3}=|\\|\\|:|<=|=>|:|\\?=)(?:\'|\\"|\\s|=|\\x60){0,5}([a-f0-9]{32})(?:[\'|\\"|\\n|\\r|\\s|\\x60|;]|$)',
    keywords: ['finicity'],
  },
  {
    id: 'finicity-client-secret',
    regex:
      '(?i)[\\w.-]{0,10}?(?:finicity)(?:[ \\t\\w.-]{0,20})(?:[\\s|\']|[\\s|"]){0,3}(?:=|>|:{1,3}=|\\|\\|:|<=|=>|:|\\?=)(?:\'|\\"|\\s|=|\\x60){0,5}([a-z0-9]{20})(?:[\'|\\"|\\n|\\r|\\s|\\x60|;]|$)',
    keywords: ['finicity'],
  },
  {
    id: 'finnhub-access-token',
    regex:
      '(?i)[\\w.-]{0,10}?(?:finnhub)(?:[ \\t\\w.-]{0,20})(?:[\\s|\']|[\\s|"]){0,3}(?:=|>|:{1,3}=|\\|\\|:|<=|=>|:|\\?=)(?:\'|\\"|\\s|=|\\x60){0,5}([a-z0-9]{20})(?:[\'|\\"|\\n|\\r|\\s|\\x60|;]|$)',
    keywords: ['finnhub'],
  },
  {
    id: 'flickr-access-token',
    regex:
      '(?i)[\\w.-]{0,10}?(?:flickr)(?:[ \\t\\w.-]{0,20})(?:[\\s|\']|[\\s|"]){0,3}(?:=|>|:{1,3}=|\\|\\|:|<=|=>|:|\\?=)(?:\'|\\"|\\s|=|\\x60){0,5}([a-z0-9]{32})(?:[\'|\\"|\\n|\\r|\\s|\\x60|;]|$)',
    keywords: ['flickr'],
  },
  {
    id: 'flutterwave-encryption-key',
    regex: 'FLWSECK_TEST-(?i)[a-h0-9]{12}',
    entropy: 2,
    keywords: ['flwseck_test'],
  },
  {
    id: 'flutterwave-public-key',
    regex: 'FLWPUBK_TEST-(?i)[a-h0-9]{32}-X',
    entropy: 2,
    keywords: ['flwpubk_test'],
  },
  {
    id: 'flutterwave-secret-key',
    regex: 'FLWSECK_TEST-(?i)[a-h0-9]{32}-X',
    entropy: 2,
    keywords: ['flwseck_test'],
  },
  {
    id: 'flyio-access-token',
    regex:
      '\\b((?:fo1_[\\w-]{43}|fm1[ar]_[a-zA-Z0-9+\\/]{100,}={0,3}|fm2_[a-zA-Z0-9+\\/]{100,}={0,3}))(?:[\'|\\"|\\n|\\r|\\s|\\x60|;]|$)',
    entropy: 4,
    keywords: ['fo1_', 'fm1', 'fm2_'],
  },
  {
    id: 'frameio-api-token',
    regex: 'fio-u-(?i)[a-z0-9\\-_=]{64}',
    keywords: ['fio-u-'],
  },
  {
    id: 'freshbooks-access-token',
    regex:
      '(?i)[\\w.-]{0,10}?(?:freshbooks)(?:[ \\t\\w.-]{0,20})(?:[\\s|\']|[\\s|"]){0,3}(?:=|>|:{1,3}=|\\|\\|:|<=|=>|:|\\?=)(?:\'|\\"|\\s|=|\\x60){0,5}([a-z0-9]{64})(?:[\'|\\"|\\n|\\r|\\s|\\x60|;]|$)',
    keywords: ['freshbooks'],
  },
  {
    id: 'gitlab-cicd-job-token',
    regex: 'glcbt-[0-9a-zA-Z]{1,5}_[0-9a-zA-Z_-]{20}',
    entropy: 3,
    keywords: ['glcbt-'],
  },
  {
    id: 'gitlab-deploy-token',
    regex: 'gldt-[0-9a-zA-Z_\\-]{20}',
    entropy: 3,
    keywords: ['gldt-'],
  },
  {
    id: 'gitlab-feature-flag-client-token',
    regex: 'glffct-[0-9a-zA-Z_\\-]{20}',
    entropy: 3,
    keywords: ['glffct-'],
  },
  {
    id: 'gitlab-feed-token',
    regex: 'glft-[0-9a-zA-Z_\\-]{20}',
    entropy: 3,
    keywords: ['glft-'],
  },
  {
    id: 'gitlab-incoming-mail-token',
    regex: 'glimt-[0-9a-zA-Z_\\-]{25}',
    entropy: 3,
    keywords: ['glimt-'],
  },
  {
    id: 'gitlab-kubernetes-agent-token',
    regex: 'glagent-[0-9a-zA-Z_\\-]{50}',
    entropy: 3,
    keywords: ['glagent-'],
  },
  {
    id: 'gitlab-oauth-app-secret',
    regex: 'gloas-[0-9a-zA-Z_\\-]{64}',
    entropy: 3,
    keywords: ['gloas-'],
  },
  {
    id: 'gitlab-ptt',
    regex: 'glptt-[0-9a-f]{40}',
    entropy: 3,
    keywords: ['glptt-'],
  },
  {
    id: 'gitlab-rrt',
    regex: 'GR1348941[\\w-]{20}',
    entropy: 3,
    keywords: ['gr1348941'],
  },
  {
    id: 'gitlab-runner-authentication-token',
    regex: 'glrt-[0-9a-zA-Z_\\-]{20}',
    entropy: 3,
    keywords: ['glrt-'],
  },
  {
    id: 'gitlab-scim-token',
    regex: 'glsoat-[0-9a-zA-Z_\\-]{20}',
    entropy: 3,
    keywords: ['glsoat-'],
  },
  {
    id: 'gitlab-session-cookie',
    regex: '_gitlab_session=[0-9a-z]{32}',
    entropy: 3,
    keywords: ['_gitlab_session='],
  },
  {
    id: 'gitter-access-token',
    regex:
      '(?i)[\\w.-]{0,10}?(?:gitter)(?:[ \\t\\w.-]{0,20})(?:[\\s|\']|[\\s|"]){0,3}(?:=|>|:{1,3}=|\\|\\|:|<=|=>|:|\\?=)(?:\'|\\"|\\s|=|\\x60){0,5}([a-z0-9_-]{40})(?:[\'|\\"|\\n|\\r|\\s|\\x60|;]|$)',
    keywords: ['gitter'],
  },
  {
    id: 'gocardless-api-token',
    regex:
      '(?i)[\\w.-]{0,10}?(?:gocardless)(?:[ \\t\\w.-]{0,20})(?:[\\s|\']|[\\s|"]){0,3}(?:=|>|:{1,3}=|\\|\\|:|<=|=>|:|\\?=)(?:\'|\\"|\\s|=|\\x60){0,5}(live_(?i)[a-z0-9\\-_=]{40})(?:[\'|\\"|\\n|\\r|\\s|\\x60|;]|$)',
    keywords: ['live_', 'gocardless'],
  },
  {
    id: 'grafana-api-key',
    regex: '(?i)\\b(eyJrIjoi[A-Za-z0-9]{70,400}={0,3})(?:[\'|\\"|\\n|\\r|\\s|\\x60|;]|$)',
    entropy: 3,
    keywords: ['eyjrijoi'],
  },
  {
    id: 'harness-api-key',
    regex: '(?:pat|sat)\\.[a-zA-Z0-9_-]{22}\\.[a-zA-Z0-9]{24}\\.[a-zA-Z0-9]{20}',
    keywords: ['pat.', 'sat.'],
  },
  {
    id: 'hashicorp-tf-api-token',
    regex: '(?i)[a-z0-9]{14}\\.(?-i:atlasv1)\\.[a-z0-9\\-_=]{60,70}',
    entropy: 3.5,
    keywords: ['atlasv1'],
  },
  {
    id: 'heroku-api-key',
    regex:
      '(?i)[\\w.-]{0,10}?(?:heroku)(?:[ \\t\\w.-]{0,20})(?:[\\s|\']|[\\s|"]){0,3}(?:=|>|:{1,3}=|\\|\\|:|<=|=>|:|\\?=)(?:\'|\\"|\\s|=|\\x60){0,5}([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})(?:[\'|\\"|\\n|\\r|\\s|\\x60|;]|$)',
    keywords: ['heroku'],
  },
  {
    id: 'hubspot-api-key',
    regex:
      '(?i)[\\w.-]{0,10}?(?:hubspot)(?:[ \\t\\w.-]{0,20})(?:[\\s|\']|[\\s|"]){0,3}(?:=|>|:{1,3}=|\\|\\|:|<=|=>|:|\\?=)(?:\'|\\"|\\s|=|\\x60){0,5}([0-9A-F]{8}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{12})(?:[\'|\\"|\\n|\\r|\\s|\\x60|;]|$)',
    keywords: ['hubspot'],
  },
  {
    id: 'intercom-api-key',
    regex:
      '(?i)[\\w.-]{0,10}?(?:intercom)(?:[ \\t\\w.-]{0,20})(?:[\\s|\']|[\\s|"]){0,3}(?:=|>|:{1,3}=|\\|\\|:|<=|=>|:|\\?=)(?:\'|\\"|\\s|=|\\x60){0,5}([a-z0-9=_\\-]{60})(?:[\'|\\"|\\n|\\r|\\s|\\x60|;]|$)',
    keywords: ['intercom'],
  },
  {
    id: 'intra42-client-secret',
    regex: '\\b(s-s4t2(?:ud|af)-(?i)[abcdef0123456789]{64})(?:[\'|\\"|\\n|\\r|\\s|\\x60|;]|$)',
    entropy: 3,
    keywords: ['intra', 's-s4t2ud-', 's-s4t2af-'],
  },
  {
    id: 'jfrog-api-key',
    regex:
      '(?i)[\\w.-]{0,10}?(?:jfrog|artifactory|bintray|xray)(?:[ \\t\\w.-]{0,20})(?:[\\s|\']|[\\s|"]){0,3}(?:=|>|:{1,3}=|\\|\\|:|<=|=>|:|\\?=)(?:\'|\\"|\\s|=|\\x60){0,5}([a-z0-9]{73})(?:[\'|\\"|\\n|\\r|\\s|\\x60|;]|$)',
    keywords: ['jfrog', 'artifactory', 'bintray', 'xray'],
  },
  {
    id: 'jfrog-identity-token',
    regex:
      '(?i)[\\w.-]{0,10}?(?:jfrog|artifactory|bintray|xray)(?:[ \\t\\w.-]{0,20})(?:[\\s|\']|[\\s|"]){0,3}(?:=|>|:{1,3}=|\\|\\|:|<=|=>|:|\\?=)(?:\'|\\"|\\s|=|\\x60){0,5}([a-z0-9]{64})(?:[\'|\\"|\\n|\\r|\\s|\\x60|;]|$)',
    keywords: ['jfrog', 'artifactory', 'bintray', 'xray'],
  },
  {
    id: 'jwt-base64',
    regex:
      '\\bZXlK(?:(?P<alg>aGJHY2lPaU)|(?P<apu>aGNIVWlPaU)|(?P<apv>aGNIWWlPaU)|(?P<aud>aGRXUWlPaU)|(?P<b64>aU5qUWlP)|(?P<crit>amNtbDBJanBi)|(?P<cty>amRIa2lPaU)|(?P<epk>bGNHc2lPbn)|(?P<enc>bGJtTWlPaU)|(?P<jku>cWEzVWlPaU)|(?P<jwk>cWQyc2lPb)|(?P<iss>cGMzTWlPaU)|(?P<iv>cGRpSTZJ)|(?P<kid>cmFXUWlP)|(?P<key_ops>clpYbGZiM0J6SWpwY)|(?P<kty>cmRIa2lPaUp)|(?P<nonce>dWIyNWpaU0k2)|(?P<p2c>d01tTWlP)|(?P<p2s>d01uTWlPaU)|(?P<ppt>d2NIUWlPaU)|(?P<sub>emRXSWlPaU)|(?P<svt>emRuUWlP)|(?P<tag>MFlXY2lPaU)|(?P<typ>MGVYQWlPaUp)|(?P<url>MWNtd2l)|(?P<use>MWMyVWlPaUp)|(?P<ver>MlpYSWlPaU)|(?P<version>MlpYSnphVzl1SWpv)|(?P<x>NElqb2)|(?P<x5c>NE5XTWlP)|(?P<x5t>NE5YUWlPaU)|(?P<x5ts256>NE5YUWpVekkxTmlJNkl)|(?P<x5u>NE5YVWlPaU)|(?P<zip>NmFYQWlPaU))[a-zA-Z0-9\\/\\\\_+\\-\\r\\n]{40,}={0,2}',
    entropy: 2,
    keywords: ['zxlk'],
  },
  {
    id: 'kraken-access-token',
    regex:
      '(?i)[\\w.-]{0,10}?(?:kraken)(?:[ \\t\\w.-]{0,20})(?:[\\s|\']|[\\s|"]){0,3}(?:=|>|:{1,3}=|\\|\\|:|<=|=>|:|\\?=)(?:\'|\\"|\\s|=|\\x60){0,5}([a-z0-9\\/=_\\+\\-]{80,90})(?:[\'|\\"|\\n|\\r|\\s|\\x60|;]|$)',
    keywords: ['kraken'],
  },
  {
    id: 'kucoin-access-token',
    regex:
      '(?i)[\\w.-]{0,10}?(?:kucoin)(?:[ \\t\\w.-]{0,20})(?:[\\s|\']|[\\s|"]){0,3}(?:=|>|:{1,3}=|\\|\\|:|<=|=>|:|\\?=)(?:\'|\\"|\\s|=|\\x60){0,5}([a-f0-9]{24})(?:[\'|\\"|\\n|\\r|\\s|\\x60|;]|$)',
    keywords: ['kucoin'],
  },
  {
    id: 'kucoin-secret-key',
    regex:
      '(?i)[\\w.-]{0,10}?(?:kucoin)(?:[ \\t\\w.-]{0,20})(?:[\\s|\']|[\\s|"]){0,3}(?:=|>|:{1,3}=|\\|\\|:|<=|=>|:|\\?=)(?:\'|\\"|\\s|=|\\x60){0,5}([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})(?:[\'|\\"|\\n|\\r|\\s|\\x60|;]|$)',
    keywords: ['kucoin'],
  },
  {
    id: 'launchdarkly-access-token',
    regex:
      '(?i)[\\w.-]{0,10}?(?:launchdarkly)(?:[ \\t\\w.-]{0,20})(?:[\\s|\']|[\\s|"]){0,3}(?:=|>|:{1,3}=|\\|\\|:|<=|=>|:|\\?=)(?:\'|\\"|\\s|=|\\x60){0,5}([a-z0-9=_\\-]{40})(?:[\'|\\"|\\n|\\r|\\s|\\x60|;]|$)',
    keywords: ['launchdarkly'],
  },
  {
    id: 'linear-client-secret',
    regex:
      '(?i)[\\w.-]{0,10}?(?:linear)(?:[ \\t\\w.-]{0,20})(?:[\\s|\']|[\\s|"]){0,3}(?:=|>|:{1,3}=|\\|\\|:|<=|=>|:|\\?=)(?:\'|\\"|\\s|=|\\x60){0,5}([a-f0-9]{32})(?:[\'|\\"|\\n|\\r|\\s|\\x60|;]|$)',
    entropy: 2,
    keywords: ['linear'],
  },
  {
    id: 'linkedin-client-id',
    regex:
      '(?i)[\\w.-]{0,10}?(?:linkedin|linked-in)(?:[ \\t\\w.-]{0,20})(?:[\\s|\']|[\\s|"]){0,3}(?:=|>|:{1,3}=|\\|\\|:|<=|=>|:|\\?=)(?:\'|\\"|\\s|=|\\x60){0,5}([a-z0-9]{14})(?:[\'|\\"|\\n|\\r|\\s|\\x60|;]|$)',
    keywords: ['linkedin', 'linked-in'],
  },
  {
    id: 'linkedin-client-secret',
    regex:
      '(?i)[\\w.-]{0,10}?(?:linkedin|linked-in)(?:[ \\t\\w.-]{0,20})(?:[\\s|\']|[\\s|"]){0,3}(?:=|>|:{1,3}=|\\|\\|:|<=|=>|:|\\?=)(?:\'|\\"|\\s|=|\\x60){0,5}([a-z0-9]{16})(?:[\'|\\"|\\n|\\r|\\s|\\x60|;]|$)',
    keywords: ['linkedin', 'linked-in'],
  },
  {
    id: 'lob-api-key',
    regex:
      '(?i)[\\w.-]{0,10}?(?:lob)(?:[ \\t\\w.-]{0,20})(?:[\\s|\']|[\\s|"]){0,3}(?:=|>|:{1,3}=|\\|\\|:|<=|=>|:|\\?=)(?:\'|\\"|\\s|=|\\x60){0,5}((live|test)_[a-f0-9]{35})(?:[\'|\\"|\\n|\\r|\\s|\\x60|;]|$)',
    keywords: ['test_', 'live_'],
  },
  {
    id: 'lob-pub-api-key',
    regex:
      '(?i)[\\w.-]{0,10}?(?:lob)(?:[ \\t\\w.-]{0,20})(?:[\\s|\']|[\\s|"]){0,3}(?:=|>|:{1,3}=|\\|\\|:|<=|=>|:|\\?=)(?:\'|\\"|\\s|=|\\x60){0,5}((test|live)_pub_[a-f0-9]{31})(?:[\'|\\"|\\n|\\r|\\s|\\x60|;]|$)',
    keywords: ['test_pub', 'live_pub', '_pub'],
  },
  {
    id: 'mailchimp-api-key',
    regex:
      '(?i)[\\w.-]{0,10}?(?:MailchimpSDK.initialize|mailchimp)(?:[ \\t\\w.-]{0,20})(?:[\\s|\']|[\\s|"]){0,3}(?:=|>|:{1,3}=|\\|\\|:|<=|=>|:|\\?=)(?:\'|\\"|\\s|=|\\x60){0,5}([a-f0-9]{32}-us\\d\\d)(?:[\'|\\"|\\n|\\r|\\s|\\x60|;]|$)',
    keywords: ['mailchimp'],
  },
  {
    id: 'mailgun-private-api-token',
    regex:
      '(?i)[\\w.-]{0,10}?(?:mailgun)(?:[ \\t\\w.-]{0,20})(?:[\\s|\']|[\\s|"]){0,3}(?:=|>|:{1,3}=|\\|\\|:|<=|=>|:|\\?=)(?:\'|\\"|\\s|=|\\x60){0,5}(key-[a-f0-9]{32})(?:[\'|\\"|\\n|\\r|\\s|\\x60|;]|$)',
    keywords: ['mailgun'],
  },
  {
    id: 'mailgun-pub-key',
    regex:
      '(?i)[\\w.-]{0,10}?(?:mailgun)(?:[ \\t\\w.-]{0,20})(?:[\\s|\']|[\\s|"]){0,3}(?:=|>|:{1,3}=|\\|\\|:|<=|=>|:|\\?=)(?:\'|\\"|\\s|=|\\x60){0,5}(pubkey-[a-f0-9]{32})(?:[\'|\\"|\\n|\\r|\\s|\\x60|;]|$)',
    keywords: ['mailgun'],
  },
  {
    id: 'mailgun-signing-key',
    regex:
      '(?i)[\\w.-]{0,10}?(?:mailgun)(?:[ \\t\\w.-]{0,20})(?:[\\s|\']|[\\s|"]){0,3}(?:=|>|:{1,3}=|\\|\\|:|<=|=>|:|\\?=)(?:\'|\\"|\\s|=|\\x60){0,5}([a-h0-9]{32}-[a-h0-9]{8}-[a-h0-9]{8})(?:[\'|\\"|\\n|\\r|\\s|\\x60|;]|$)',
    keywords: ['mailgun'],
  },
  {
    id: 'mapbox-api-token',
    regex:
      '(?i)[\\w.-]{0,10}?(?:mapbox)(?:[ \\t\\w.-]{0,20})(?:[\\s|\']|[\\s|"]){0,3}(?:=|>|:{1,3}=|\\|\\|:|<=|=>|:|\\?=)(?:\'|\\"|\\s|=|\\x60){0,5}(pk\\.[a-z0-9]{60}\\.[a-z0-9]{22})(?:[\'|\\"|\\n|\\r|\\s|\\x60|;]|$)',
    keywords: ['mapbox'],
  },
  {
    id: 'mattermost-access-token',
    regex:
      '(?i)[\\w.-]{0,10}?(?:mattermost)(?:[ \\t\\w.-]{0,20})(?:[\\s|\']|[\\s|"]){0,3}(?:=|>|:{1,3}=|\\|\\|:|<=|=>|:|\\?=)(?:\'|\\"|\\s|=|\\x60){0,5}([a-z0-9]{26})(?:[\'|\\"|\\n|\\r|\\s|\\x60|;]|$)',
    keywords: ['mattermost'],
  },
  {
    id: 'messagebird-api-token',
    regex:
      '(?i)[\\w.-]{0,10}?(?:messagebird|message-bird|message_bird)(?:[ \\t\\w.-]{0,20})(?:[\\s|\']|[\\s|"]){0,3}(?:=|>|:{1,3}=|\\|\\|:|<=|=>|:|\\?=)(?:\'|\\"|\\s|=|\\x60){0,5}([a-z0-9]{25})(?:[\'|\\"|\\n|\\r|\\s|\\x60|;]|$)',
    keywords: ['messagebird', 'message-bird', 'message_bird'],
  },
  {
    id: 'messagebird-client-id',
    regex:
      '(?i)[\\w.-]{0,10}?(?:messagebird|message-bird|message_bird)(?:[ \\t\\w.-]{0,20})(?:[\\s|\']|[\\s|"]){0,3}(?:=|>|:{1,3}=|\\|\\|:|<=|=>|:|\\?=)(?:\'|\\"|\\s|=|\\x60){0,5}([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})(?:[\'|\\"|\\n|\\r|\\s|\\x60|;]|$)',
    keywords: ['messagebird', 'message-bird', 'message_bird'],
  },
  {
    id: 'microsoft-teams-webhook',
    regex:
      'https://[a-z0-9]+\\.webhook\\.office\\.com/webhookb2/[a-z0-9]{8}-([a-z0-9]{4}-){3}[a-z0-9]{12}@[a-z0-9]{8}-([a-z0-9]{4}-){3}[a-z0-9]{12}/IncomingWebhook/[a-z0-9]{32}/[a-z0-9]{8}-([a-z0-9]{4}-){3}[a-z0-9]{12}',
    keywords: ['webhook.office.com', 'webhookb2', 'incomingwebhook'],
  },
  {
    id: 'netlify-access-token',
    regex:
      '(?i)[\\w.-]{0,10}?(?:netlify)(?:[ \\t\\w.-]{0,20})(?:[\\s|\']|[\\s|"]){0,3}(?:=|>|:{1,3}=|\\|\\|:|<=|=>|:|\\?=)(?:\'|\\"|\\s|=|\\x60){0,5}([a-z0-9=_\\-]{40,46})(?:[\'|\\"|\\n|\\r|\\s|\\x60|;]|$)',
    keywords: ['netlify'],
  },
  {
    id: 'new-relic-browser-api-token',
    regex:
      '(?i)[\\w.-]{0,10}?(?:new-relic|newrelic|new_relic)(?:[ \\t\\w.-]{0,20})(?:[\\s|\']|[\\s|"]){0,3}(?:=|>|:{1,3}=|\\|\\|:|<=|=>|:|\\?=)(?:\'|\\"|\\s|=|\\x60){0,5}(NRJS-[a-f0-9]{19})(?:[\'|\\"|\\n|\\r|\\s|\\x60|;]|$)',
    keywords: ['nrjs-'],
  },
  {
    id: 'new-relic-insert-key',
    regex:
      '(?i)[\\w.-]{0,10}?(?:new-relic|newrelic|new_relic)(?:[ \\t\\w.-]{0,20})(?:[\\s|\']|[\\s|"]){0,3}(?:=|>|:{1,3}=|\\|\\|:|<=|=>|:|\\?=)(?:\'|\\"|\\s|=|\\x60){0,5}(NRII-[a-z0-9-]{32})(?:[\'|\\"|\\n|\\r|\\s|\\x60|;]|$)',
    keywords: ['nrii-'],
  },
  {
    id: 'new-relic-user-api-id',
    regex:
      '(?i)[\\w.-]{0,10}?(?:new-relic|newrelic|new_relic)(?:[ \\t\\w.-]{0,20})(?:[\\s|\']|[\\s|"]){0,3}(?:=|>|:{1,3}=|\\|\\|:|<=|=>|:|\\?=)(?:\'|\\"|\\s|=|\\x60){0,5}([a-z0-9]{64})(?:[\'|\\"|\\n|\\r|\\s|\\x60|;]|$)',
    keywords: ['new-relic', 'newrelic', 'new_relic'],
  },
  {
    id: 'new-relic-user-api-key',
    regex:
      '(?i)[\\w.-]{0,10}?(?:new-relic|newrelic|new_relic)(?:[ \\t\\w.-]{0,20})(?:[\\s|\']|[\\s|"]){0,3}(?:=|>|:{1,3}=|\\|\\|:|<=|=>|:|\\?=)(?:\'|\\"|\\s|=|\\x60){0,5}(NRAK-[a-z0-9]{27})(?:[\'|\\"|\\n|\\r|\\s|\\x60|;]|$)',
    keywords: ['nrak'],
  },
  {
    id: 'nytimes-access-token',
    regex:
      '(?i)[\\w.-]{0,10}?(?:nytimes|new-york-times,|newyorktimes)(?:[ \\t\\w.-]{0,20})(?:[\\s|\']|[\\s|"]){0,3}(?:=|>|:{1,3}=|\\|\\|:|<=|=>|:|\\?=)(?:\'|\\"|\\s|=|\\x60){0,5}([a-z0-9=_\\-]{32})(?:[\'|\\"|\\n|\\r|\\s|\\x60|;]|$)',
    keywords: ['nytimes', 'new-york-times', 'newyorktimes'],
  },
  {
    id: 'octopus-deploy-api-key',
    regex: '\\b(API-[A-Z0-9]{26})(?:[\'|\\"|\\n|\\r|\\s|\\x60|;]|$)',
    entropy: 3,
    keywords: ['api-'],
  },
  {
    id: 'okta-access-token',
    regex:
      '[\\w.-]{0,10}?(?i:[\\w.-]{0,10}?(?:(?-i:[Oo]kta|OKTA))(?:[ \\t\\w.-]{0,20})(?:[\\s|\']|[\\s|"]){0,3})(?:=|>|:{1,3}=|\\|\\|:|<=|=>|:|\\?=)(?:\'|\\"|\\s|=|\\x60){0,5}(00[\\w=\\-]{40})(?:[\'|\\"|\\n|\\r|\\s|\\x60|;]|$)',
    entropy: 4,
    keywords: ['okta'],
  },
  {
    id: 'openshift-user-token',
    regex: '\\b(sha256~[\\w-]{43})(?:[^\\w-]|\\z)',
    entropy: 3.5,
    keywords: ['sha256~'],
  },
  {
    id: 'plaid-api-token',
    regex:
      '(?i)[\\w.-]{0,10}?(?:plaid)(?:[ \\t\\w.-]{0,20})(?:[\\s|\']|[\\s|"]){0,3}(?:=|>|:{1,3}=|\\|\\|:|<=|=>|:|\\?=)(?:\'|\\"|\\s|=|\\x60){0,5}(access-(?:sandbox|development|production)-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})(?:[\'|\\"|\\n|\\r|\\s|\\x60|;]|$)',
    keywords: ['plaid'],
  },
  {
    id: 'plaid-client-id',
    regex:
      '(?i)[\\w.-]{0,10}?(?:plaid)(?:[ \\t\\w.-]{0,20})(?:[\\s|\']|[\\s|"]){0,3}(?:=|>|:{1,3}=|\\|\\|:|<=|=>|:|\\?=)(?:\'|\\"|\\s|=|\\x60){0,5}([a-z0-9]{24})(?:[\'|\\"|\\n|\\r|\\s|\\x60|;]|$)',
    entropy: 3.5,
    keywords: ['plaid'],
  },
  {
    id: 'plaid-secret-key',
    regex:
      '(?i)[\\w.-]{0,10}?(?:plaid)(?:[ \\t\\w.-]{0,20})(?:[\\s|\']|[\\s|"]){0,3}(?:=|>|:{1,3}=|\\|\\|:|<=|=>|:|\\?=)(?:\'|\\"|\\s|=|\\x60){0,5}([a-z0-9]{30})(?:[\'|\\"|\\n|\\r|\\s|\\x60|;]|$)',
    entropy: 3.5,
    keywords: ['plaid'],
  },
  {
    id: 'planetscale-api-token',
    regex: '\\b(pscale_tkn_(?i)[\\w=\\.-]{32,64})(?:[\'|\\"|\\n|\\r|\\s|\\x60|;]|$)',
    entropy: 3,
    keywords: ['pscale_tkn_'],
  },
  {
    id: 'planetscale-oauth-token',
    regex: '\\b(pscale_oauth_[\\w=\\.-]{32,64})(?:[\'|\\"|\\n|\\r|\\s|\\x60|;]|$)',
    entropy: 3,
    keywords: ['pscale_oauth_'],
  },
  {
    id: 'planetscale-password',
    regex: '(?i)\\b(pscale_pw_(?i)[\\w=\\.-]{32,64})(?:[\'|\\"|\\n|\\r|\\s|\\x60|;]|$)',
    entropy: 3,
    keywords: ['pscale_pw_'],
  },
  {
    id: 'postman-api-token',
    regex: '\\b(PMAK-(?i)[a-f0-9]{24}\\-[a-f0-9]{34})(?:[\'|\\"|\\n|\\r|\\s|\\x60|;]|$)',
    entropy: 3,
    keywords: ['pmak-'],
  },
  {
    id: 'prefect-api-token',
    regex: '\\b(pnu_[a-zA-Z0-9]{36})(?:[\'|\\"|\\n|\\r|\\s|\\x60|;]|$)',
    entropy: 2,
    keywords: ['pnu_'],
  },
  {
    id: 'privateai-api-token',
    regex:
      '[\\w.-]{0,10}?(?i:[\\w.-]{0,10}?(?:private[_-]?ai)(?:[ \\t\\w.-]{0,20})(?:[\\s|\']|[\\s|"]){0,3})(?:=|>|:{1,3}=|\\|\\|:|<=|=>|:|\\?=)(?:\'|\\"|\\s|=|\\x60){0,5}([a-z0-9]{32})(?:[\'|\\"|\\n|\\r|\\s|\\x60|;]|$)',
    entropy: 3,
    keywords: ['privateai', 'private_ai', 'private-ai'],
  },
  {
    id: 'pulumi-api-token',
    regex: '\\b(pul-[a-f0-9]{40})(?:[\'|\\"|\\n|\\r|\\s|\\x60|;]|$)',
    entropy: 2,
    keywords: ['pul-'],
  },
  {
    id: 'pypi-upload-token',
    regex: 'pypi-AgEIcHlwaS5vcmc[\\w-]{50,1000}',
    entropy: 3,
    keywords: ['pypi-ageichlwas5vcmc'],
  },
  {
    id: 'rapidapi-access-token',
    regex:
      '(?i)[\\w.-]{0,10}?(?:rapidapi)(?:[ \\t\\w.-]{0,20})(?:[\\s|\']|[\\s|"]){0,3}(?:=|>|:{1,3}=|\\|\\|:|<=|=>|:|\\?=)(?:\'|\\"|\\s|=|\\x60){0,5}([a-z0-9_-]{50})(?:[\'|\\"|\\n|\\r|\\s|\\x60|;]|$)',
    keywords: ['rapidapi'],
  },
  {
    id: 'readme-api-token',
    regex: '\\b(rdme_[a-z0-9]{70})(?:[\'|\\"|\\n|\\r|\\s|\\x60|;]|$)',
    entropy: 2,
    keywords: ['rdme_'],
  },
  {
    id: 'rubygems-api-token',
    regex: '\\b(rubygems_[a-f0-9]{48})(?:[\'|\\"|\\n|\\r|\\s|\\x60|;]|$)',
    entropy: 2,
    keywords: ['rubygems_'],
  },
  {
    id: 'scalingo-api-token',
    regex: '\\b(tk-us-[\\w-]{48})(?:[\'|\\"|\\n|\\r|\\s|\\x60|;]|$)',
    entropy: 2,
    keywords: ['tk-us-'],
  },
  {
    id: 'sendbird-access-id',
    regex:
      '(?i)[\\w.-]{0,10}?(?:sendbird)(?:[ \\t\\w.-]{0,20})(?:[\\s|\']|[\\s|"]){0,3}(?:=|>|:{1,3}=|\\|\\|:|<=|=>|:|\\?=)(?:\'|\\"|\\s|=|\\x60){0,5}([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})(?:[\'|\\"|\\n|\\r|\\s|\\x60|;]|$)',
    keywords: ['sendbird'],
  },
  {
    id: 'sendbird-access-token',
    regex:
      '(?i)[\\w.-]{0,10}?(?:sendbird)(?:[ \\t\\w.-]{0,20})(?:[\\s|\']|[\\s|"]){0,3}(?:=|>|:{1,3}=|\\|\\|:|<=|=>|:|\\?=)(?:\'|\\"|\\s|=|\\x60){0,5}([a-f0-9]{40})(?:[\'|\\"|\\n|\\r|\\s|\\x60|;]|$)',
    keywords: ['sendbird'],
  },
  {
    id: 'sendinblue-api-token',
    regex: '\\b(xkeysib-[a-f0-9]{64}\\-(?i)[a-z0-9]{16})(?:[\'|\\"|\\n|\\r|\\s|\\x60|;]|$)',
    entropy: 2,
    keywords: ['xkeysib-'],
  },
  {
    id: 'sentry-access-token',
    regex:
      '(?i)[\\w.-]{0,10}?(?:sentry)(?:[ \\t\\w.-]{0,20})(?:[\\s|\']|[\\s|"]){0,3}(?:=|>|:{1,3}=|\\|\\|:|<=|=>|:|\\?=)(?:\'|\\"|\\s|=|\\x60){0,5}([a-f0-9]{64})(?:[\'|\\"|\\n|\\r|\\s|\\x60|;]|$)',
    keywords: ['sentry'],
  },
  {
    id: 'shippo-api-token',
    regex: '\\b(shippo_(?:live|test)_[a-fA-F0-9]{40})(?:[\'|\\"|\\n|\\r|\\s|\\x60|;]|$)',
    entropy: 2,
    keywords: ['shippo_'],
  },
  {
    id: 'shopify-custom-access-token',
    regex: 'shpca_[a-fA-F0-9]{32}',
    entropy: 2,
    keywords: ['shpca_'],
  },
  {
    id: 'shopify-private-app-access-token',
    regex: 'shppa_[a-fA-F0-9]{32}',
    entropy: 2,
    keywords: ['shppa_'],
  },
  {
    id: 'shopify-shared-secret',
    regex: 'shpss_[a-fA-F0-9]{32}',
    entropy: 2,
    keywords: ['shpss_'],
  },
  {
    id: 'sidekiq-secret',
    regex:
      '(?i)[\\w.-]{0,10}?(?:BUNDLE_ENTERPRISE__CONTRIBSYS__COM|BUNDLE_GEMS__CONTRIBSYS__COM)(?:[ \\t\\w.-]{0,20})(?:[\\s|\']|[\\s|"]){0,3}(?:=|>|:{1,3}=|\\|\\|:|<=|=>|:|\\?=)(?:\'|\\"|\\s|=|\\x60){0,5}([a-f0-9]{8}:[a-f0-9]{8})(?:[\'|\\"|\\n|\\r|\\s|\\x60|;]|$)',
    keywords: ['bundle_enterprise__contribsys__com', 'bundle_gems__contribsys__com'],
  },
  {
    id: 'slack-app-token',
    regex: '(?i)xapp-\\d-[A-Z0-9]+-\\d+-[a-z0-9]+',
    entropy: 2,
    keywords: ['xapp'],
  },
  {
    id: 'slack-config-access-token',
    regex: '(?i)xoxe.xox[bp]-\\d-[A-Z0-9]{163,166}',
    entropy: 2,
    keywords: ['xoxe.xoxb-', 'xoxe.xoxp-'],
  },
  {
    id: 'slack-config-refresh-token',
    regex: '(?i)xoxe-\\d-[A-Z0-9]{146}',
    entropy: 2,
    keywords: ['xoxe-'],
  },
  {
    id: 'slack-legacy-bot-token',
    regex: 'xoxb-[0-9]{8,14}-[a-zA-Z0-9]{18,26}',
    entropy: 2,
    keywords: ['xoxb'],
  },
  {
    id: 'slack-legacy-token',
    regex: 'xox[os]-\\d+-\\d+-\\d+-[a-fA-F\\d]+',
    entropy: 2,
    keywords: ['xoxo', 'xoxs'],
  },
  {
    id: 'slack-legacy-workspace-token',
    regex: 'xox[ar]-(?:\\d-)?[0-9a-zA-Z]{8,48}',
    entropy: 2,
    keywords: ['xoxa', 'xoxr'],
  },
  {
    id: 'snyk-api-token',
    regex:
      '(?i)[\\w.-]{0,10}?(?:snyk_token|snyk_key|snyk_api_token|snyk_api_key|snyk_oauth_token)(?:[ \\t\\w.-]{0,20})(?:[\\s|\']|[\\s|"]){0,3}(?:=|>|:{1,3}=|\\|\\|:|<=|=>|:|\\?=)(?:\'|\\"|\\s|=|\\x60){0,5}([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})(?:[\'|\\"|\\n|\\r|\\s|\\x60|;]|$)',
    keywords: ['snyk_token', 'snyk_key', 'snyk_api_token', 'snyk_api_key', 'snyk_oauth_token'],
  },
  {
    id: 'square-access-token',
    regex: '\\b((?:EAAA|sq0atp-)[\\w-]{22,60})(?:[\'|\\"|\\n|\\r|\\s|\\x60|;]|$)',
    entropy: 2,
    keywords: ['sq0atp-', 'eaaa'],
  },
  {
    id: 'squarespace-access-token',
    regex:
      '(?i)[\\w.-]{0,10}?(?:squarespace)(?:[ \\t\\w.-]{0,20})(?:[\\s|\']|[\\s|"]){0,3}(?:=|>|:{1,3}=|\\|\\|:|<=|=>|:|\\?=)(?:\'|\\"|\\s|=|\\x60){0,5}([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})(?:[\'|\\"|\\n|\\r|\\s|\\x60|;]|$)',
    keywords: ['squarespace'],
  },
  {
    id: 'sumologic-access-id',
    regex:
      '[\\w.-]{0,10}?(?i:[\\w.-]{0,10}?(?:(?-i:[Ss]umo|SUMO))(?:[ \\t\\w.-]{0,20})(?:[\\s|\']|[\\s|"]){0,3})(?:=|>|:{1,3}=|\\|\\|:|<=|=>|:|\\?=)(?:\'|\\"|\\s|=|\\x60){0,5}(su[a-zA-Z0-9]{12})(?:[\'|\\"|\\n|\\r|\\s|\\x60|;]|$)',
    entropy: 3,
    keywords: ['sumo'],
  },
  {
    id: 'sumologic-access-token',
    regex:
      '(?i)[\\w.-]{0,10}?(?:(?-i:[Ss]umo|SUMO))(?:[ \\t\\w.-]{0,20})(?:[\\s|\']|[\\s|"]){0,3}(?:=|>|:{1,3}=|\\|\\|:|<=|=>|:|\\?=)(?:\'|\\"|\\s|=|\\x60){0,5}([a-z0-9]{64})(?:[\'|\\"|\\n|\\r|\\s|\\x60|;]|$)',
    entropy: 3,
    keywords: ['sumo'],
  },
  {
    id: 'telegram-bot-api-token',
    regex:
      '(?i:telegr(?:[0-9a-z\\(-_\\t .\\\\]{0,40})(?:[\\s|\']|[\\s|"]){0,3})(?:=|\\|\\|:|<=|=>|:|\\?=|\\()(?:\'|\\"|\\s|=|\\x60){0,5}([0-9]{5,16}:A[a-z0-9_\\-]{34})(?:[\'|\\"|\\n|\\r|\\s|\\x60|;|\\\\]|$)',
    keywords: ['telegr'],
  },
  {
    id: 'travisci-access-token',
    regex:
      '(?i)[\\w.-]{0,10}?(?:travis)(?:[ \\t\\w.-]{0,20})(?:[\\s|\']|[\\s|"]){0,3}(?:=|>|:{1,3}=|\\|\\|:|<=|=>|:|\\?=)(?:\'|\\"|\\s|=|\\x60){0,5}([a-z0-9]{22})(?:[\'|\\"|\\n|\\r|\\s|\\x60|;]|$)',
    keywords: ['travis'],
  },
  {
    id: 'twilio-api-key',
    regex: 'SK[0-9a-fA-F]{32}',
    entropy: 3,
    keywords: ['sk'],
  },
  {
    id: 'twitch-api-token',
    regex:
      '(?i)[\\w.-]{0,10}?(?:twitch)(?:[ \\t\\w.-]{0,20})(?:[\\s|\']|[\\s|"]){0,3}(?:=|>|:{1,3}=|\\|\\|:|<=|=>|:|\\?=)(?:\'|\\"|\\s|=|\\x60){0,5}([a-z0-9]{30})(?:[\'|\\"|\\n|\\r|\\s|\\x60|;]|$)',
    keywords: ['twitch'],
  },
  {
    id: 'twitter-access-secret',
    regex:
      '(?i)[\\w.-]{0,10}?(?:twitter)(?:[ \\t\\w.-]{0,20})(?:[\\s|\']|[\\s|"]){0,3}(?:=|>|:{1,3}=|\\|\\|:|<=|=>|:|\\?=)(?:\'|\\"|\\s|=|\\x60){0,5}([a-z0-9]{45})(?:[\'|\\"|\\n|\\r|\\s|\\x60|;]|$)',
    keywords: ['twitter'],
  },
  {
    id: 'twitter-access-token',
    regex:
      '(?i)[\\w.-]{0,10}?(?:twitter)(?:[ \\t\\w.-]{0,20})(?:[\\s|\']|[\\s|"]){0,3}(?:=|>|:{1,3}=|\\|\\|:|<=|=>|:|\\?=)(?:\'|\\"|\\s|=|\\x60){0,5}([0-9]{15,25}-[a-zA-Z0-9]{20,40})(?:[\'|\\"|\\n|\\r|\\s|\\x60|;]|$)',
    keywords: ['twitter'],
  },
  {
    id: 'twitter-api-key',
    regex:
      '(?i)[\\w.-]{0,10}?(?:twitter)(?:[ \\t\\w.-]{0,20})(?:[\\s|\']|[\\s|"]){0,3}(?:=|>|:{1,3}=|\\|\\|:|<=|=>|:|\\?=)(?:\'|\\"|\\s|=|\\x60){0,5}([a-z0-9]{25})(?:[\'|\\"|\\n|\\r|\\s|\\x60|;]|$)',
    keywords: ['twitter'],
  },
  {
    id: 'twitter-api-secret',
    regex:
      '(?i)[\\w.-]{0,10}?(?:twitter)(?:[ \\t\\w.-]{0,20})(?:[\\s|\']|[\\s|"]){0,3}(?:=|>|:{1,3}=|\\|\\|:|<=|=>|:|\\?=)(?:\'|\\"|\\s|=|\\x60){0,5}([a-z0-9]{50})(?:[\'|\\"|\\n|\\r|\\s|\\x60|;]|$)',
    keywords: ['twitter'],
  },
  {
    id: 'twitter-bearer-token',
    regex:
      '(?i)[\\w.-]{0,10}?(?:twitter)(?:[ \\t\\w.-]{0,20})(?:[\\s|\']|[\\s|"]){0,3}(?:=|>|:{1,3}=|\\|\\|:|<=|=>|:|\\?=)(?:\'|\\"|\\s|=|\\x60){0,5}(A{22}[a-zA-Z0-9%]{80,100})(?:[\'|\\"|\\n|\\r|\\s|\\x60|;]|$)',
    keywords: ['twitter'],
  },
  {
    id: 'typeform-api-token',
    regex:
      '(?i)[\\w.-]{0,10}?(?:typeform)(?:[ \\t\\w.-]{0,20})(?:[\\s|\']|[\\s|"]){0,3}(?:=|>|:{1,3}=|\\|\\|:|<=|=>|:|\\?=)(?:\'|\\"|\\s|=|\\x60){0,5}(tfp_[a-z0-9\\-_\\.=]{59})(?:[\'|\\"|\\n|\\r|\\s|\\x60|;]|$)',
    keywords: ['tfp_'],
  },
  {
    id: 'vault-batch-token',
    regex: '\\b(hvb\\.[\\w-]{138,300})(?:[\'|\\"|\\n|\\r|\\s|\\x60|;]|$)',
    entropy: 4,
    keywords: ['hvb.'],
  },
  {
    id: 'yandex-access-token',
    regex:
      '(?i)[\\w.-]{0,10}?(?:yandex)(?:[ \\t\\w.-]{0,20})(?:[\\s|\']|[\\s|"]){0,3}(?:=|>|:{1,3}=|\\|\\|:|<=|=>|:|\\?=)(?:\'|\\"|\\s|=|\\x60){0,5}(t1\\.[A-Z0-9a-z_-]+[=]{0,2}\\.[A-Z0-9a-z_-]{86}[=]{0,2})(?:[\'|\\"|\\n|\\r|\\s|\\x60|;]|$)',
    keywords: ['yandex'],
  },
  {
    id: 'yandex-api-key',
    regex:
      '(?i)[\\w.-]{0,10}?(?:yandex)(?:[ \\t\\w.-]{0,20})(?:[\\s|\']|[\\s|"]){0,3}(?:=|>|:{1,3}=|\\|\\|:|<=|=>|:|\\?=)(?:\'|\\"|\\s|=|\\x60){0,5}(AQVN[A-Za-z0-9_\\-]{35,38})(?:[\'|\\"|\\n|\\r|\\s|\\x60|;]|$)',
    keywords: ['yandex'],
  },
  {
    id: 'yandex-aws-access-token',
    regex:
      '(?i)[\\w.-]{0,10}?(?:yandex)(?:[ \\t\\w.-]{0,20})(?:[\\s|\']|[\\s|"]){0,3}(?:=|>|:{1,3}=|\\|\\|:|<=|=>|:|\\?=)(?:\'|\\"|\\s|=|\\x60){0,5}(YC[a-zA-Z0-9_\\-]{38})(?:[\'|\\"|\\n|\\r|\\s|\\x60|;]|$)',
    keywords: ['yandex'],
  },
  {
    id: 'zendesk-secret-key',
    regex:
      '(?i)[\\w.-]{0,10}?(?:zendesk)(?:[ \\t\\w.-]{0,20})(?:[\\s|\']|[\\s|"]){0,3}(?:=|>|:{1,3}=|\\|\\|:|<=|=>|:|\\?=)(?:\'|\\"|\\s|=|\\x60){0,5}([a-z0-9]{40})(?:[\'|\\"|\\n|\\r|\\s|\\x60|;]|$)',
    keywords: ['zendesk'],
  },
]
