// An instance whose background program has the named points of cgi/jobs/crash.h, and its processes: to be killed, stopped, started anew.
import { execFileSync } from "node:child_process";
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";

import { Instance, TOP, until } from "./instance.mjs";

const BUILD = resolve(TOP, process.env.BUILD ?? "build");
// Every named point, in the order of the header.
export const POINTS = [...readFileSync(join(TOP, "cgi/jobs/crash.h"), "utf8").matchAll(/^#define CRASH_\w+ "([^"]+)"/gm)].map((m) => m[1]);

export function signal(pids, name) {
	for (const pid of pids.filter(Boolean)) {
		try {
			process.kill(pid, name);
		} catch (error) {
			if (error.code !== "ESRCH") throw error;
		}
	}
}
export const alive = (pid) => existsSync(`/proc/${pid}/stat`) && !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, "utf8"));

export class Crashing {
	// What settings.env in the instance's folder says is added to the background program's environment.
	static async start(name, environment) {
		const build = join(process.env.WORK ?? "/tmp", `${name}-build`);
		const folder = relative(TOP, BUILD); // the dependencies that make writes down name it
		execFileSync("make", ["--no-print-directory", "-j2", `BUILD=${folder}`, `${folder}/crash/realname-jobs`], { cwd: TOP, stdio: "pipe" });
		rmSync(build, { recursive: true, force: true });
		mkdirSync(build, { recursive: true });
		for (const part of ["bin", "static"]) cpSync(join(BUILD, part), join(build, part), { recursive: true });
		rmSync(join(build, "bin/realname-jobs"));
		cpSync(join(BUILD, "crash/realname-jobs"), join(build, "bin/realname-jobs.real"));
		writeFileSync(join(build, "bin/realname-jobs"), '#!/bin/sh\nsettings=$(dirname "$0")/../../settings.env\n[ ! -e "$settings" ] || . "$settings"\nexec "$0.real" "$@"\n');
		for (const name of ["bin/realname-jobs", "bin/realname-jobs.real"]) chmodSync(join(build, name), 0o755);
		const it = new Crashing();
		it.environment = environment;
		it.instance = await Instance.start(name, environment, build);
		it.data = it.instance.endpoints.ca.replace(/\/tls\/ca\.pem$/, "");
		return it;
	}
	// The processes of the background program: {parent, workers}.
	processes() {
		return this.running(join(this.data, "app/bin/realname-jobs.real"));
	}
	// Of the background program, those without a parent too.
	every() {
		const program = join(this.data, "app/bin/realname-jobs.real");
		return execFileSync("ps", ["-eo", "pid=,args="], { encoding: "utf8" }).split("\n").map((line) => line.trim().split(/\s+/)).filter(([, command]) => command === program).map(([pid]) => Number(pid));
	}
	// The same of any program; one without children is a parent, too.
	running(program) {
		const all = execFileSync("ps", ["-eo", "pid=,ppid=,args="], { encoding: "utf8" }).split("\n").map((line) => line.trim().split(/\s+/))
			.filter(([, , command]) => command === program).map(([pid, parent]) => ({ pid: Number(pid), parent: Number(parent) }));
		const pids = new Set(all.map((p) => p.pid)), parent = all.find((p) => !pids.has(p.parent) && all.some((q) => q.parent === p.pid)) ?? (all.length === 1 ? all[0] : undefined);
		return { parent: parent?.pid, workers: all.filter((p) => p.parent === parent?.pid).map((p) => p.pid) };
	}
	// A new background program with these settings; the old one is killed.
	async restart(settings = {}) {
		const file = join(this.data, "settings.env"), old = this.processes(), of = (name, preset) => Number(settings[name] ?? this.environment[name] ?? preset);
		writeFileSync(`${file}.new`, Object.entries(settings).map(([name, value]) => `export ${name}=${value}\n`).join(""));
		chmodSync(`${file}.new`, 0o644);
		renameSync(`${file}.new`, file);
		signal([old.parent, ...old.workers], "SIGKILL");
		const wanted = of("REALNAME_JOBS_WORKERS", 4) + of("REALNAME_T1_WORKERS", 2) + of("REALNAME_SFTP_WORKERS", 4);
		await until("the background program again", () => {
			const now = this.processes();
			return now.parent && now.parent !== old.parent && now.workers.length === wanted;
		});
	}
}
