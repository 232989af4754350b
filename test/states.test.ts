// States of live actors beside the app's own data: what everybody shares is still there after the server was started
// again.

import { expect, test } from 'vitest';
import { createApp } from '../server/anime/app.ts';
import { openDatabase } from '../server/anime/data/database.ts';
import { TestClient } from './support/client.ts';
import { describeDatabases } from './support/databases.ts';

// holes of the rating's view
const [shown, raise] = [2, 4];

describeDatabases((place) => {
  test('the rating of the list is the one of before the restart', async () => {
    const location = await place.fresh();
    for (const score of [5, 6]) {
      const app = await createApp({ database: await openDatabase(location) });
      const address = await app.listen({ host: '127.0.0.1', port: 0 });
      const client = await new TestClient(`${address.replace('http', 'ws')}/islet`).opened();
      await client.hello();
      await client.join('/ws/rate');
      expect(client.slots()[shown]).toBe(score);
      client.click(raise);
      await client.until(() => client.slots()[shown] === score + 1);
      await app.close();
    }
  });
});
