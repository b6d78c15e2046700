/** Records the simulator, when it was changed on purpose: npx tsx test/redis/verify/record-fixture.ts */
import { openStage } from './stage.ts';

const stage = await openStage({ id: 'm9', version: '11.138.0.5', uidStart: 7000, minimumStrength: 40 });
try {
  await stage.verify({ record: 'test/fixtures/verify/simulated-11.138' });
} finally {
  await stage.close();
}
