/** The command line `wds`: what there is, each loaded only when it is called. */
import { dispatch, report } from './dispatch.ts';
import type { Commands } from './dispatch.ts';

const loadPipeline = async () => (await import('../pipeline/wmss.ts')).runWmss;

const commands: Commands = {
  run: {
    summary: 'run the whole method',
    load: async () => {
      const { run, runSpec } = await import('./commands/run.ts');
      return { spec: runSpec, run: (args) => run(args, loadPipeline) };
    },
  },
  resume: {
    summary: 'go on with a run that was stopped or interrupted',
    load: async () => {
      const { resume, resumeSpec } = await import('./commands/resume.ts');
      return { spec: resumeSpec, run: (args) => resume(args, loadPipeline) };
    },
  },
  train: {
    summary: 'run one training stage alone',
    load: async () => {
      const { train, trainSpec } = await import('./commands/train.ts');
      return { spec: trainSpec, run: (args) => train(args, loadPipeline) };
    },
  },
  entropy: {
    summary: 'measure the entropy of each sample',
    load: async () => {
      const { entropy, entropySpec } = await import('./commands/entropy.ts');
      return { spec: entropySpec, run: entropy };
    },
  },
  bench: {
    summary: 'time a step on this machine, also beside PyTorch',
    load: async () => {
      const { bench, benchSpec } = await import('./commands/bench.ts');
      return { spec: benchSpec, run: bench };
    },
  },
  runs: {
    summary: 'list the runs',
    load: async () => {
      const { runs, runsSpec } = await import('./commands/runs.ts');
      return { spec: runsSpec, run: runs };
    },
  },
  compare: {
    summary: 'set two to six models side by side: settings, answers, weights',
    load: async () => {
      const { compare, compareSpec } = await import('./commands/compare.ts');
      return { spec: compareSpec, run: compare };
    },
  },
  report: {
    summary: 'write the report of a run',
    load: async () => {
      const { report, reportSpec } = await import('./commands/report.ts');
      return { spec: reportSpec, run: report };
    },
  },
  export: {
    summary: 'take a model away: transformers, PEFT, merged, GGUF',
    load: async () => {
      const { exportCommand, exportSpec } = await import('./commands/export.ts');
      return { spec: exportSpec, run: exportCommand };
    },
  },
  stop: {
    summary: 'save a checkpoint of a run and stop it',
    load: async () => {
      const { stop, stopSpec } = await import('./commands/stop.ts');
      return { spec: stopSpec, run: stop };
    },
  },
  plan: {
    summary: 'say what a run will take',
    load: async () => {
      const { plan, planSpec } = await import('./commands/plan.ts');
      return { spec: planSpec, run: plan };
    },
  },
  tokenize: {
    summary: 'show the tokens of a text or a conversation',
    load: async () => {
      const { tokenize, tokenizeSpec } = await import('./commands/tokenize.ts');
      return { spec: tokenizeSpec, run: tokenize };
    },
  },
  inspect: {
    summary: 'show next-token logits: weak, strong, mixed',
    load: async () => {
      const { inspect, inspectSpec } = await import('./commands/inspect.ts');
      return { spec: inspectSpec, run: inspect };
    },
  },
  generate: {
    summary: 'let a model answer prompts',
    load: async () => {
      const { generate, generateSpec } = await import('./commands/generate.ts');
      return { spec: generateSpec, run: generate };
    },
  },
  eval: {
    summary: 'score a model on a benchmark',
    load: async () => {
      const { evaluateCommand, evalSpec } = await import('./commands/eval.ts');
      return { spec: evalSpec, run: evaluateCommand };
    },
  },
  study: {
    summary: 'run arms x seeds on generated tasks, and write what came out',
    load: async () => {
      const { study, studySpec } = await import('./commands/study.ts');
      return { spec: studySpec, run: study };
    },
  },
  curriculum: {
    summary: 'weigh every sample by how its entropy changed, and draw the curriculum',
    load: async () => {
      const { curriculum, spec } = await import('./commands/curriculum.ts');
      return { spec, run: curriculum };
    },
  },
  create: {
    summary: 'make a randomly initialised Qwen3 model folder',
    load: async () => {
      const { create, createSpec } = await import('./commands/create.ts');
      return { spec: createSpec, run: create };
    },
  },
  arithmetic: {
    summary: 'generate arithmetic problems with worked answers',
    load: async () => {
      const { arithmetic, arithmeticSpec } = await import('./commands/arithmetic.ts');
      return { spec: arithmeticSpec, run: arithmetic };
    },
  },
  'train-tokenizer': {
    summary: "train a byte-level BPE tokenizer in Qwen3's layout",
    load: async () => {
      const { trainTokenizer, trainTokenizerSpec } = await import('./commands/train-tokenizer.ts');
      return { spec: trainTokenizerSpec, run: trainTokenizer };
    },
  },
  doctor: {
    summary: 'show what is installed and what it runs on',
    load: async () => {
      const { doctor, doctorSpec } = await import('./commands/doctor.ts');
      return { spec: doctorSpec, run: doctor };
    },
  },
};

// `wds runs | head` closes our output early; that is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});
// What nothing awaits, e.g. an error in a timer, is still one line for the user.
process.on('uncaughtException', (error) => {
  process.exit(report(error, process.argv.includes('--json')));
});
process.exitCode = await dispatch(commands, process.argv.slice(2));
