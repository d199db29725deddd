import { ClusterProfile } from './cluster/cluster-profile.ts';
import { EMBEDDED } from './embedded/embedded-platform.ts';
import type { Profile } from './profile.ts';

const PROFILES: readonly Profile[] = [EMBEDDED, new ClusterProfile()];

/** @throws RangeError for a name that no profile bears */
export function profileNamed(name: string): Profile {
  const profile = PROFILES.find((one) => one.name === name);
  if (!profile)
    throw new RangeError(`no profile is called ${name}; there are ${PROFILES.map((one) => one.name).join(', ')}`);
  return profile;
}
