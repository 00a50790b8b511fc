import t from 'tap'
import { formatTransportUrl, parseTransportUrl, TransportUrlError } from '../../contract/transport-url.ts'

const shown = (text: string) => {
  const { driver, hosts, vhost } = parseTransportUrl(text)
  return { driver, vhost, hosts: hosts.map(({ host, port, user, password }) => [host, port, user, password.reveal()].join(' ')) }
}

t.test('a URL is read as oslo.messaging reads it', async (t) => {
  for (const [text, driver, vhost, ...hosts] of [
    ['rabbit://trove:secret@10.0.0.1:5672/', 'rabbit', '/', '10.0.0.1 5672 trove secret'],
    ['RABBIT://u:p@h', 'rabbit', '/', 'h 5672 u p'],
    ['rabbit://u:p@h:/trove', 'rabbit', 'trove', 'h 5672 u p'],
    ['rabbit://u:p@a:1,v:q@b:2,/%2Fx?ssl=1', 'rabbit', '/x', 'a 1 u p', 'b 2 v q'],
    ['rabbit://u:p@[fd00::1]:5673//', 'rabbit', '/', 'fd00::1 5673 u p'],
    ['rabbit://h', 'rabbit', '/', 'h 5672 guest guest'],
    ['rabbit://u@h', 'rabbit', '/', 'h 5672 u guest'],
    ['rabbit://u:a%40b%3A%2f%25%C3%A4@h', 'rabbit', '/', 'h 5672 u a@b:/%ä'],
    ['rabbit://u:p@ss:w%rd@h', 'rabbit', '/', 'h 5672 u p@ss:w%rd'],
  ] as const) {
    t.same(shown(text), { driver, vhost, hosts }, text)
  }
})

t.test('what would end the agent is refused, and the character named', async (t) => {
  for (const [text, word] of [
    ['10.0.0.1:5672', '"://"'],
    ['rabbit:///vhost', 'no host'],
    ['rabbit://u:canary@:5672/', 'no host'],
    ['rabbit://u:can/ary@h/', '"/"'],
    ['rabbit://u:can?ary@h/', '"?"'],
    ['rabbit://u:can#ary@h/', '"#"'],
    ['rabbit://u:1?canary@h/', '"?"'],
    ['rabbit://u:can,ary@h/', '","'],
    ['rabbit://u:can[ary@h/', '"["'],
    ['rabbit://u:canary@h:x/', 'port'],
    ['rabbit://u:canary@h:70000/', 'port'],
    ['rabbit://u:canary@fd00::1/', 'port'],
    ['rabbit://u:canary@h/v#x', '%23'],
  ] as const) {
    const error = t.throws(() => parseTransportUrl(text)) as Error
    t.type(error, TransportUrlError)
    t.ok(error.message.includes(word), `${text}: ${error.message}`)
    t.notMatch(error.message, /can|ary/)
  }
})

t.test('what is formatted is read back, whatever the password', async (t) => {
  for (const odd of ['@:/?#[],%$&=+ \'"', 'ä€', '%41']) {
    const url = shown(`rabbit://u:p@[fd00::1]:5673,x:y@b/v`)
    const text = formatTransportUrl({
      driver: 'rabbit',
      vhost: `a/${odd}`,
      hosts: parseTransportUrl('rabbit://u:p@[fd00::1]:5673').hosts.map((host) => ({ ...host, user: odd })),
    }).reveal()
    t.same(shown(text), { ...url, vhost: `a/${odd}`, hosts: [`fd00::1 5673 ${odd} p`] })
    t.notMatch(text, /\$/, 'nothing that oslo.config would substitute')
  }
})

t.test('half a character in a URL is written as what it is read as', async (t) => {
  t.equal(formatTransportUrl(parseTransportUrl('rabbit://u:p\ud800@h/v\udfff')).reveal(), 'rabbit://u:p%EF%BF%BD@h:5672/v%EF%BF%BD')
})
