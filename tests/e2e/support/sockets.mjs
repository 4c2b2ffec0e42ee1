// Finds sockets of a process group that connect or listen beyond loopback, from /proc. Linux only.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync, readlinkSync } from "node:fs";

const TABLES = ["tcp", "tcp6", "udp", "udp6"].filter((name) => existsSync(`/proc/net/${name}`));
/**
 * A look may take 10 ms. An unanswered connection remains for seconds, but a short one may be
 * missed.
 */
const LOOK_MS = 500;

/** Watches the sockets of a process group until `end` is called. */
export function watchSockets(group) {
  const seen = new Set();
  const foreign = new Set();
  const look = () => {
    const rows = TABLES.flatMap(outward).filter(({ inode }) => !foreign.has(inode));
    if (rows.length === 0) return;
    const own = socketsOf(group);
    for (const { inode, text } of rows) {
      if (own.has(inode)) seen.add(text);
      else foreign.add(inode);
    }
  };
  const timer = setInterval(look, LOOK_MS);
  return {
    /** Looks once more and returns all sockets seen so far. */
    seen() {
      look();
      return [...seen];
    },
    end: () => clearInterval(timer),
  };
}

/** Returns the sockets of this machine that are not limited to loopback. */
function outward(table) {
  const rows = readFileSync(`/proc/net/${table}`, "utf8").trim().split("\n").slice(1);
  return rows
    .map((row) => row.trim().split(/\s+/))
    .filter(([, local, remote]) => !isLoopback(/^0+:/.test(remote) ? local : remote))
    .map(([, local, remote, , , , , , , inode]) => ({ inode, text: `${table} from ${local} to ${remote}` }));
}

/** Addresses are hexadecimal words in the byte order of the machine: 0100007F is 127.0.0.1. */
const isLoopback = (address) => /^(?:(?:0{16}FFFF0000)?[0-9A-F]{6}7F|0{24}01000000):/.test(address);

function socketsOf(group) {
  const found = new Set();
  const listed = execFileSync("ps", ["-eo", "pid=,pgid="], { encoding: "utf8" });
  for (const [pid, pgid] of listed.split("\n").map((line) => line.trim().split(/\s+/))) {
    if (Number(pgid) === group) for (const inode of socketsOfProcess(pid)) found.add(inode);
  }
  return found;
}

function socketsOfProcess(pid) {
  const folder = `/proc/${pid}/fd`;
  try {
    return readdirSync(folder).map((name) => /^socket:\[(\d+)\]$/.exec(readlinkSync(`${folder}/${name}`))?.[1]);
  } catch {
    return []; // The process ended or closed a socket meanwhile.
  }
}
