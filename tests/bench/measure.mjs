// What the benches share: processor time of process trees, medians, the lines they print, programs run beside the instance.
import { execFile, spawn } from "node:child_process";
import { readFileSync, readdirSync, statSync } from "node:fs";
import { promisify } from "node:util";

const TICK_NS = 10_000_000; // of utime and stime: the kernel tells user space 100 a second everywhere
export const run = promisify(execFile);

export function quantile(values, part) {
	const sorted = [...values].sort((a, b) => a - b), at = (sorted.length - 1) * part, low = Math.floor(at);
	return sorted[low] + (at - low) * ((sorted[low + 1] ?? sorted[low]) - sorted[low]);
}
export const median = (values) => quantile(values, 0.5);

export const result = (name, value, unit) => console.log(`bench ${name} ${value} ${unit}`);
export const remark = (text) => console.log(`# ${text}`);

// The name, and the fields of /proc/PID/stat behind it: [0] state, [1] parent, [11] utime, [12] stime, [13] cutime, [14] cstime.
function stat(pid) {
	try {
		const text = readFileSync(`/proc/${pid}/stat`, "latin1"), end = text.lastIndexOf(")");
		return { pid, name: text.slice(text.indexOf("(") + 1, end), fields: text.slice(end + 2).split(" ") };
	} catch {
		return null; // it has just ended
	}
}

const processes = () => readdirSync("/proc").filter((name) => /^\d+$/.test(name)).map((name) => stat(Number(name))).filter(Boolean);

// The process and all below it.
export function tree(root) {
	const all = processes(), pids = [root];
	for (let i = 0; i < pids.length; i++) for (const one of all) if (Number(one.fields[1]) === pids[i]) pids.push(one.pid);
	return pids;
}

// The parts of an instance with these names (nginx, realname-web, postgres): children of its supervisor.
export function parts(instance, names) {
	const supervisor = Number(readFileSync(`${instance.runDir}/pid`, "utf8")), all = processes();
	return names.map((name) => {
		const found = all.filter((one) => Number(one.fields[1]) === supervisor && one.name === name);
		if (found.length !== 1) throw new Error(`the instance has ${found.length} parts named ${name}`);
		return found[0].pid;
	});
}

// Nanoseconds of processor time, user and system, that these trees have used, children that ended included. schedstat is the
// same account as utime + stime, without each process being cut down to hundredths of a second.
export function cpu(roots) {
	let total = 0;
	for (const pid of roots.flatMap(tree)) {
		const one = stat(pid);
		if (!one) continue;
		let own = (Number(one.fields[11]) + Number(one.fields[12])) * TICK_NS;
		try {
			own = Number(readFileSync(`/proc/${pid}/schedstat`, "latin1").split(" ")[0]);
		} catch {
			// a kernel without it
		}
		total += own + (Number(one.fields[13]) + Number(one.fields[14])) * TICK_NS;
	}
	return total;
}

// Runs a program as the account of the instance; it ends with the bench.
export function beside(instance, command, args) {
	const { uid, gid } = statSync(`${instance.runDir}/`), who = process.getuid() === 0 ? { uid, gid } : {};
	const child = spawn("setpriv", ["--pdeathsig", "KILL", "--", command, ...args], { stdio: ["ignore", "ignore", "inherit"], cwd: "/", ...who });
	process.on("exit", () => child.kill());
	return child;
}
