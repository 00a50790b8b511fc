import t from 'tap'
import { short } from './short.ts'
import { slowClients } from './slow-clients.ts'

t.test('clients that say nothing, too little or too much keep no guest from being served', (t) => short(t, slowClients))
