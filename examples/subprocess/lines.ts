// Lines as they are printed, at the reader's pace.
import { PIPE, Popen } from 'prong/subprocess';

await using p = new Popen(['sh', '-c', 'for i in 1 2 3; do echo tick $i; sleep 0.1; done'], { stdout: PIPE });
const start = performance.now();
for await (const line of p.stdout!.lines()) {
  console.log(`${line} (after ${Math.round((performance.now() - start) / 100) * 100} ms)`);
}
