#!/usr/bin/env node
/** The command `prong`. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Argument, Command, InvalidArgumentError } from 'commander';
import { completion, SHELLS } from './completion.js';
import {
  listCommand,
  logsCommand,
  pingCommand,
  reloadCommand,
  removeCommand,
  restartCommand,
  statusCommand,
  stopCommand,
} from './manage.js';
import { type Output, printError } from './output.js';
import { recordNames } from './records.js';
import { start } from './start.js';
import { type UnitOptions, unitFile } from './unit.js';

function number(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value < 0)
    throw new InvalidArgumentError('It must be a number >= 0.');
  return value;
}

const { version } = JSON.parse(readFileSync(join(__dirname, '../../package.json'), 'utf8')) as {
  version: string;
};

const program = new Command('prong')
  .description('Runs Node programs as daemons')
  .version(version)
  .showHelpAfterError('(prong --help tells more)')
  .addHelpText(
    'after',
    '\nExample:\n  prong start app.js --name web -- --port 8080\n  prong ping web\n  prong stop web',
  );

/** Adds what every command has, and turns its errors into an exit code. */
function define(command: Command, action: (...args: never[]) => unknown): void {
  command.option('--json', 'print JSON').action(async (...args: unknown[]) => {
    const options = command.opts<Output>();
    try {
      await Reflect.apply(action, undefined, args);
    } catch (error) {
      printError(options, error);
      process.exitCode = 1;
    }
  });
}

const timed = (command: Command) => command.option('--timeout <ms>', 'how long to wait', number);

define(
  program
    .command('start')
    .description('start a program as a daemon; what follows -- is for the program')
    .argument('<program>', 'a JavaScript file')
    .argument('[args...]')
    .option('-n, --name <name>', "its name; by default the file's")
    .option('--cwd <directory>', 'its working directory; by default this one')
    .option('--restart', 'start it again when it crashes, at growing intervals')
    .option('--wait-ready', "wait until it calls ready() of 'prong/daemon'"),
  start,
);
define(
  timed(
    program.command('stop').description('end daemons and wait until they are gone').argument('[names...]'),
  )
    .option('--force', 'kill what has not ended in time')
    .option('--all', 'all that are running'),
  stopCommand,
);
define(
  timed(program.command('restart').description('stop a daemon and start it again').argument('<name>')).option(
    '--force',
    'kill what has not ended in time',
  ),
  restartCommand,
);
define(timed(program.command('status').description('tell about a daemon').argument('<name>')), statusCommand);
define(
  timed(program.command('ping').description('ask a daemon whether it answers').argument('<name>')),
  pingCommand,
);
define(
  timed(
    program
      .command('reload')
      .description('let a daemon open its logs again and handle SIGHUP')
      .argument('<name>'),
  ),
  reloadCommand,
);
define(
  program
    .command('logs')
    .description('print what a daemon has printed')
    .argument('<name>')
    .option('-n, --lines <count>', 'how many of the last lines', number, 20)
    .option('-f, --follow', 'go on with what comes'),
  logsCommand,
);
define(timed(program.command('list').alias('ls').description('list what has been started')), listCommand);
define(
  program.command('remove').description('forget a program that is stopped').argument('<name>'),
  removeCommand,
);
define(
  program
    .command('unit')
    .description('print a unit file for systemd')
    .argument('<program>')
    .argument('[args...]')
    .option('-n, --name <name>', "its description; by default the file's name")
    .option('--cwd <directory>', 'its working directory; by default this one')
    .option('--user <user>', 'whom it runs as')
    .option('--notify', 'for a program that calls sdNotify()'),
  (script: string, args: string[], options: UnitOptions & Output) => {
    const unit = unitFile(script, args, options);
    console.log(options.json ? JSON.stringify({ unit }) : unit);
  },
);
program
  .command('completion')
  .description('print a script for shell completion')
  .addArgument(new Argument('<shell>').choices(SHELLS))
  .action((shell: (typeof SHELLS)[number]) => {
    console.log(
      completion(
        shell,
        program.commands.map((command) => command.name()).filter((name) => name !== 'names'),
      ),
    );
  });
program.command('names', { hidden: true }).action(() => console.log(recordNames().join('\n')));

void program.parseAsync();
