// The wallboard on a Genesys Cloud of its own: node dev.ts, and open the address that it prints.
import { clientCredentials } from 'rxframe/genesys';
import { startSimulator } from 'rxframe/simulator';
import { serve } from './serve.ts';

const { apiUrl, loginUrl, clientId, clientSecret, notifications } = await startSimulator({
  notifications: { activity: { rate: 40, agents: 24, queues: 4 } },
});

const QUEUES = ['Sales', 'Billing', 'Technical support', 'Retention'];
const NAMES = ['Dana', 'Søren', 'Grace', 'Chidi', 'Łukasz', 'Anna', 'Yuki', 'Omar', 'Inés', 'Tom', 'Zoë', 'Maria'];

const idsOf = (topic: RegExp) => notifications.topics().flatMap((name) => topic.exec(name)?.[1] ?? []);
const session = {
  apiUrl,
  queues: idsOf(/^v2\.analytics\.queues\.(.+)\.observations$/).map((id, nth) => ({ id, name: QUEUES[nth] ?? id })),
  agents: idsOf(/^v2\.users\.(.+)\.routingStatus$/).map((id, nth) => ({
    id,
    name: `${NAMES[nth % NAMES.length]} ${String.fromCharCode(65 + nth)}.`,
  })),
};

const credentials = clientCredentials({ loginUrl, clientId, clientSecret, scopes: [] });
console.log((await serve(Number(process.env.PORT ?? 8080), session, () => credentials.token())).url);
