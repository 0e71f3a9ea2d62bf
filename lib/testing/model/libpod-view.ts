import { isObject, objectAt, type JsonObject } from '../../base/json.ts'
import type { Container } from './container.ts'
import type { World } from './world.ts'

/** `GET /libpod/containers/{id}/json`, as far as it tells what the compatible inspect does not. */
export function libpodInspect({ profile }: World, container: Container): JsonObject {
  const { id, name, image, libpod, restartCount } = container
  const later = !profile.oldLibpod
  const annotations = objectAt(container.hostConfig, 'Annotations')
  return {
    Id: id,
    Name: name,
    Image: image.replace(/^sha256:/, ''),
    RestartCount: restartCount,
    Pod: '',
    IsInfra: false,
    HostsPath: container.run === 0 ? '' : `${profile.root}/overlay-containers/${id}/userdata/hosts`,
    ...(later ? { UseImageHosts: false, UseImageHostname: false } : {}),
    ...members(libpod),
    Config: {
      Umask: '0000',
      Timeout: 0,
      HealthcheckOnFailureAction: 'none',
      Passwd: true,
      ...(later ? { HealthLogDestination: 'local', HealthcheckMaxLogCount: 5, HealthcheckMaxLogSize: 500 } : {}),
      Annotations: { ...annotations, 'io.container.manager': 'libpod' },
      ...objectAt(libpod, 'Config'),
    },
    HostConfig: {
      Cgroups: 'default',
      CgroupConf: null,
      UsernsMode: '',
      ...(later ? { HostsFile: 'none' } : {}),
      ...objectAt(libpod, 'HostConfig'),
    },
  }
}

function members(libpod: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(libpod).filter(([, value]) => !isObject(value)))
}
