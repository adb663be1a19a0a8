// A pipeline without a shell: the programs read from one another directly, nothing passes through Node.
import { PIPE, Popen } from 'prong/subprocess';

const numbers = new Popen(['seq', '1000000'], { stdout: PIPE });
const sevens = new Popen(['grep', '7'], { stdin: numbers.stdout, stdout: PIPE });
const count = new Popen(['wc', '-l'], { stdin: sevens.stdout, stdout: PIPE, text: true });

const [lines] = await count.communicate();
console.log(`${(lines as string).trim()} of a million numbers have a 7 in them`);
console.log('codes:', await numbers.wait(), await sevens.wait(), count.returncode);
