import t from 'tap'
import { hideTyped } from '../../cli/hide-typed.ts'

t.test('what looks like a secret is not repeated, what helps to see the mistake is', async (t) => {
  const hidden: [string, string[], string][] = [
    ["unknown command 'Tr0ub4dorAnd3'", ['Tr0ub4dorAnd3'], "unknown command '***'"],
    ["unknown option '--pasword=Tr0ub4dorAnd3'", ['--pasword=Tr0ub4dorAnd3'], "unknown option '***'"],
    ['"Tr0ub4dorAnd3An" is no user name', ['Tr0ub4dorAnd3AndMore'], '"***" is no user name'],
    ['nobody is called abcdef.0123456789abcdef', [], 'nobody is called ***'],
    [`got operator.${'x'.repeat(43)}`, [], 'got operator.***'],
    [`got 5b2d1f3e-0000-4000-8000-000000000001.${'x'.repeat(43)}`, [], 'got 5b2d1f3e-0000-4000-8000-000000000001.***'],
    ['https://a:b@h does not answer', [], 'https://***@h does not answer'],
  ]
  for (const [text, argv, clean] of hidden) t.equal(hideTyped(text, argv), clean)
  const kept = ["unknown command 'statsu'", 'no instance is called db-12', 'there is no Images/Debian12.qcow2', 'there is no Debian12-Generic.qcow2', 'instance 5b2d1f3e-0000-4000-8000-000000000001 is not enrolled']
  for (const text of kept) t.equal(hideTyped(text, text.replaceAll("'", '').split(' ')), text)
})
