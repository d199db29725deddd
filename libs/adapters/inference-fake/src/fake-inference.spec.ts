import { describeInference } from '@atelier/ports/conformance';
import { FakeInference } from './index.js';

describeInference('fake', async () => new FakeInference(), {
  caption: 'glossy. meadow at day <v0>. red apple <x20><y40><s24>.',
  otherCaption: 'flat. beach at night <v1>. dog <x20><y40><s24>.',
  references: true,
  scoring: true,
});
