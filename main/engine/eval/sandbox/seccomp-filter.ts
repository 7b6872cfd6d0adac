/**
 * The system calls a sandboxed process may not make, as a classic BPF program for `bwrap --seccomp`
 * (seccomp(2); struct sock_filter, 8 bytes an instruction). Namespaces already hide files, network
 * and other processes; this closes what they leave: processes (so that one address space limit
 * bounds all memory), memory outside that limit (memfd, shared memory, queues), sockets, tracing,
 * mounting, and the kernel's least tested doors. Calls newer than this list do not exist (ENOSYS).
 */
import { StudioError } from '../../../contract/errors.ts';

interface Architecture {
  /** AUDIT_ARCH_* of linux/audit.h. */
  audit: number;
  clone: number;
  /** Calls that start a process without flags; refused as if no process were left (EAGAIN). */
  forks: number[];
  /** Refused with EPERM. */
  refused: Record<string, number>;
}

/** Numbers from the kernel's tables; those from 424 on are the same on every architecture. */
const sinceCommonNumbers = {
  pidfd_send_signal: 424,
  open_tree: 428,
  move_mount: 429,
  fsopen: 430,
  fsconfig: 431,
  fsmount: 432,
  fspick: 433,
  pidfd_open: 434,
  pidfd_getfd: 438,
  process_madvise: 440,
  mount_setattr: 442,
  quotactl_fd: 443,
  memfd_secret: 447,
  process_mrelease: 448,
};
const clone3 = 435;
const ioUring = [425, 426, 427];
const firstUnknown = 451;

const architectures: Partial<Record<NodeJS.Architecture, Architecture>> = {
  x64: {
    audit: 0xc000003e,
    clone: 56,
    forks: [57, 58],
    refused: {
      shmget: 29,
      socket: 41,
      connect: 42,
      accept: 43,
      bind: 49,
      listen: 50,
      socketpair: 53,
      semget: 64,
      msgget: 68,
      ptrace: 101,
      syslog: 103,
      personality: 135,
      pivot_root: 155,
      chroot: 161,
      acct: 163,
      settimeofday: 164,
      mount: 165,
      umount2: 166,
      swapon: 167,
      swapoff: 168,
      reboot: 169,
      sethostname: 170,
      setdomainname: 171,
      iopl: 172,
      ioperm: 173,
      init_module: 175,
      delete_module: 176,
      quotactl: 179,
      lookup_dcookie: 212,
      clock_settime: 227,
      mq_open: 240,
      kexec_load: 246,
      add_key: 248,
      request_key: 249,
      keyctl: 250,
      migrate_pages: 256,
      unshare: 272,
      move_pages: 279,
      accept4: 288,
      perf_event_open: 298,
      fanotify_init: 300,
      name_to_handle_at: 303,
      open_by_handle_at: 304,
      setns: 308,
      process_vm_readv: 310,
      process_vm_writev: 311,
      kcmp: 312,
      finit_module: 313,
      memfd_create: 319,
      kexec_file_load: 320,
      bpf: 321,
      userfaultfd: 323,
      ...sinceCommonNumbers,
    },
  },
  arm64: {
    audit: 0xc00000b7,
    clone: 220,
    forks: [],
    refused: {
      lookup_dcookie: 18,
      umount2: 39,
      mount: 40,
      pivot_root: 41,
      chroot: 51,
      quotactl: 60,
      acct: 89,
      personality: 92,
      unshare: 97,
      kexec_load: 104,
      init_module: 105,
      delete_module: 106,
      clock_settime: 112,
      syslog: 116,
      ptrace: 117,
      reboot: 142,
      sethostname: 161,
      setdomainname: 162,
      settimeofday: 170,
      mq_open: 180,
      msgget: 186,
      semget: 190,
      shmget: 194,
      socket: 198,
      socketpair: 199,
      bind: 200,
      listen: 201,
      accept: 202,
      connect: 203,
      add_key: 217,
      request_key: 218,
      keyctl: 219,
      swapon: 224,
      swapoff: 225,
      migrate_pages: 238,
      move_pages: 239,
      perf_event_open: 241,
      accept4: 242,
      fanotify_init: 262,
      name_to_handle_at: 264,
      open_by_handle_at: 265,
      setns: 268,
      process_vm_readv: 270,
      process_vm_writev: 271,
      kcmp: 272,
      finit_module: 273,
      memfd_create: 279,
      bpf: 280,
      userfaultfd: 282,
      kexec_file_load: 294,
      ...sinceCommonNumbers,
    },
  },
};

const load = 0x20;
const jumpIfEqual = 0x15;
const jumpIfAtLeast = 0x35;
const jumpIfAnyBit = 0x45;
const answer = 0x06;

const allow = 0x7fff0000;
const killProcess = 0x80000000;
const fail = (errno: number) => 0x00050000 | errno;
const notPermitted = fail(1);
const tryAgain = fail(11);
const noSuchCall = fail(38);

/** Offsets in struct seccomp_data; the low half of the first argument, little endian. */
const callNumber = 0;
const architectureField = 4;
const firstArgument = 16;

const cloneThread = 0x00010000;
/** CLONE_NEW{NS,CGROUP,UTS,IPC,USER,PID,NET}. */
const cloneNamespaces = 0x7e020000;

export function hasSeccompFilter(architecture: NodeJS.Architecture): boolean {
  return architectures[architecture] !== undefined;
}

/** What a process of `architecture` is to be filtered with. Throws where there is no table for it. */
export function seccompFilter(architecture: NodeJS.Architecture): Buffer {
  const table = architectures[architecture];
  if (!table) {
    const hint = 'Evaluate code tasks on a machine with an x64 or arm64 processor.';
    throw new StudioError('sandbox-missing', `No sandbox for ${architecture} processors.`, hint);
  }
  const code: Buffer[] = [];
  const emit = (operation: number, value: number, ifTrue = 0, ifFalse = 0) => {
    const instruction = Buffer.alloc(8);
    instruction.writeUInt16LE(operation, 0);
    instruction.writeUInt8(ifTrue, 2);
    instruction.writeUInt8(ifFalse, 3);
    instruction.writeUInt32LE(value >>> 0, 4);
    code.push(instruction);
  };
  /** Skips the answer unless the loaded word compares. */
  const when = (comparison: number, value: number, verdict: number) => {
    emit(comparison, value, 0, 1);
    emit(answer, verdict);
  };
  emit(load, architectureField);
  emit(jumpIfEqual, table.audit, 1, 0);
  emit(answer, killProcess);
  emit(load, callNumber);
  // Also takes in x64's second numbering (x32), which has bit 30 set.
  when(jumpIfAtLeast, firstUnknown, noSuchCall);
  // clone3's flags lie in memory, out of the filter's sight; the C library falls back to clone.
  for (const number of [clone3, ...ioUring]) when(jumpIfEqual, number, noSuchCall);
  for (const number of table.forks) when(jumpIfEqual, number, tryAgain);
  for (const number of Object.values(table.refused)) when(jumpIfEqual, number, notPermitted);
  emit(jumpIfEqual, table.clone, 1, 0);
  emit(answer, allow);
  emit(load, firstArgument);
  when(jumpIfAnyBit, cloneNamespaces, notPermitted);
  emit(jumpIfAnyBit, cloneThread, 1, 0);
  emit(answer, tryAgain);
  emit(answer, allow);
  return Buffer.concat(code);
}
