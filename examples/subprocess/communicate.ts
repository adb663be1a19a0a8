// The notes' second: type three commands into a program, and read what it answers. They talk to nslookup, which needs a
// network; bc is shown where there is no nslookup, and sh where there is neither.
import { PIPE, Popen } from 'prong/subprocess';

const programs: [name: string, input: string][] = [
  ['nslookup', 'set q=mx\npython.org\nexit\n'],
  ['bc', 'obase=2\n2^10\nquit\n'],
  ['sh', 'x=6\necho $((x * 7))\nexit\n'],
];

function start(): [Popen, string] {
  for (const [name, input] of programs) {
    try {
      return [new Popen([name], { stdin: PIPE, stdout: PIPE, stderr: PIPE }), input];
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
  throw new Error('no program to talk to');
}

const [p, input] = start();
// As if it were typed into the terminal: each \n is the Enter key.
const [stdout, stderr] = await p.communicate(Buffer.from(input), { timeout: 10_000 });
console.log(stdout!.toString('utf8'));
console.log('Error:', stderr!.toString('utf8'));
console.log('Exit code:', p.returncode);
console.log('error code:', await p.wait());
