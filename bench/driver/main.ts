/*
 * One job in a process of its own, so that the driver's heap and compiled code are those of this job only:
 * `node driver/main.ts WORKLOAD SUBJECT PACE`. Starts the subject's server, runs the workload, sends the figures to its
 * parent, or prints them when there is none.
 */

import type { SubjectName } from '../subjects.ts';
import { jobOf, type Pace, type WorkloadName } from '../workloads.ts';
import { startServer } from './server-process.ts';

const [workloadName, subjectName, pace = 'full'] = process.argv.slice(2) as [WorkloadName, SubjectName, Pace];
const { workload, subject } = jobOf(workloadName, subjectName);
const server = await startServer(await subject.launch());
try {
  const figures = await workload.run(server, subject, subjectName, pace);
  if (process.send) process.send(figures);
  else console.log(figures);
} finally {
  await server.stop();
}
process.exit(0);
