import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { Cloud } from '../../openstack/cloud.ts'
import { createImageRecord, uploadImageData } from '../../openstack/glance/image-records.ts'
import type { BaseImage } from '../base-image.ts'
import { KERNEL_ARGUMENTS } from '../qemu-arguments.ts'

const PATIENCE_MS = 120_000

/** Properties of an image in Glance that has no boot loader: Nova gives QEMU the kernel then. */
export interface BootProperties {
  readonly kernel_id: string
  readonly ramdisk_id: string
  readonly os_command_line: string
}

/** Uploads kernel and initrd of the base image. */
export async function uploadKernel(cloud: Cloud, base: BaseImage): Promise<BootProperties> {
  const [kernel_id, ramdisk_id] = await Promise.all([upload(cloud, 'lab-kernel', 'aki', base.kernel), upload(cloud, 'lab-initrd', 'ari', base.initrd)])
  return { kernel_id, ramdisk_id, os_command_line: `root=${base.root} ${KERNEL_ARGUMENTS}` }
}

async function upload(cloud: Cloud, name: string, format: string, file: string): Promise<string> {
  const patience = { signal: AbortSignal.timeout(PATIENCE_MS), until: Date.now() + PATIENCE_MS }
  const { id } = await createImageRecord(cloud, { name, disk_format: format, container_format: format, visibility: 'public', min_disk: 0 }, patience)
  await uploadImageData(cloud, id, { bytes: (await stat(file)).size, open: () => createReadStream(file) }, patience)
  return id
}
