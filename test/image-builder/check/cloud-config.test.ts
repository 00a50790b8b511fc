import t from 'tap'
import { readCloudConfig } from '../../../image-builder/check/cloud-config.ts'
import { memoryTree } from './memory-tree.ts'

t.test('later files win, mappings are merged, and what is no YAML is passed over', async (t) => {
  const tree = memoryTree({
    '/etc/cloud/cloud.cfg': 'users: [default]\nsystem_info:\n  default_user: {name: debian, shell: /bin/sh}\ncloud_init_modules: [growpart, [write-files, always]]\ndatasource_list: [A]\n',
    '/etc/cloud/cloud.cfg.d/10.cfg': 'system_info: {default_user: {name: ubuntu}}\ndatasource_list:\n- B\n- None\n',
    '/etc/cloud/cloud.cfg.d/20.cfg': 'datasource_list: [D]\na: [\n',
    '/etc/cloud/cloud.cfg.d/30.cfg': '- a list\n',
    '/etc/cloud/cloud.cfg.d/40.cfg': '# nothing\n',
    '/etc/cloud/cloud.cfg.d/README': 'datasource_list: [C]\n',
  })
  t.same(await readCloudConfig(tree), {
    datasources: ['B', 'None'],
    defaultUser: 'ubuntu',
    modules: ['growpart', 'write_files'],
    growpartOff: false,
  })
})

t.test('a YAML that grows without end when it is read is not read', async (t) => {
  const bomb = ['datasource_list: [A]', 'a0: &a0 [x, x, x, x, x, x, x, x, x, x]', ...Array.from({ length: 12 }, (_, depth) => `a${depth + 1}: &a${depth + 1} [${Array(10).fill(`*a${depth}`).join(', ')}]`)].join('\n')
  t.match(await readCloudConfig(memoryTree({ '/etc/cloud/cloud.cfg': bomb })), { datasources: undefined })
})

t.test('users without default: nobody is made', async (t) => {
  const text = 'users: [ann]\nsystem_info: {default_user: {name: debian}}\ngrowpart: {mode: "off"}\n'
  t.match(await readCloudConfig(memoryTree({ '/etc/cloud/cloud.cfg': text })), { defaultUser: undefined, growpartOff: true, datasources: undefined })
})
