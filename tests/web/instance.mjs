// One running instance as a test sees it: where it answers, its database, the operator's command, and the stand-ins with what
// they received and what they shall answer. An instance of its own is started by the runner's own script.
import { execFile, execFileSync } from "node:child_process";
import { appendFileSync, chmodSync, closeSync, existsSync, fstatSync, mkdirSync, openSync, readFileSync, readSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
export const TOP = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const BUILD = process.env.BUILD ?? "build";

const FIRST_MS = 20, QUICK_MS = 100; // QUICK_MS: an answer of a machine that has time for us

// Asks until the answer is true (or anything but nothing); fails with what was waited for. Seconds in which this machine had time for us are
// counted: where everything else on it comes to its turn as late as our questions do, nobody is late. mostMs: the longest pause between two
// questions; they grow from the shortest.
export async function until(what, ask, seconds = 20, mostMs = FIRST_MS) {
	const begin = Date.now();
	for (let wait = FIRST_MS, spent = 0; ; wait = Math.min(mostMs, wait * 1.3)) {
		const from = Date.now(), answer = await ask();
		if (answer) return answer;
		if (spent > seconds * 1000) throw new Error(`waited ${((Date.now() - begin) / 1000).toFixed(0)} s in vain: ${what}`);
		await new Promise((done) => setTimeout(done, wait));
		spent += Math.min(Date.now() - from, wait + QUICK_MS);
	}
}

// The lines of a file that grows, read once each.
class Lines {
	constructor(path) {
		this.path = path;
		this.at = 0;
		this.rest = Buffer.alloc(0);
		this.all = [];
	}
	read() {
		if (!existsSync(this.path)) return this.all;
		const file = openSync(this.path, "r"), size = fstatSync(file).size, block = Buffer.alloc(size - this.at);
		const got = readSync(file, block, 0, block.length, this.at);
		closeSync(file);
		this.at += got;
		this.rest = Buffer.concat([this.rest, block.subarray(0, got)]);
		for (let end; (end = this.rest.indexOf(10)) >= 0; this.rest = this.rest.subarray(end + 1)) this.all.push(this.rest.subarray(0, end).toString());
		return this.all;
	}
}

// A recording of a stand-in, one object a line.
class Recording extends Lines {
	constructor(path) {
		super(path);
		this.objects = [];
	}
	read() {
		const lines = super.read();
		while (this.objects.length < lines.length) this.objects.push(JSON.parse(lines[this.objects.length]));
		return this.objects;
	}
}

export class Instance {
	constructor(runDir) {
		this.runDir = runDir;
		this.endpoints = JSON.parse(readFileSync(join(runDir, "endpoints.json"), "utf8"));
		this.ca = readFileSync(this.endpoints.ca);
		this.messages = new Lines(join(runDir, "standin/sms/messages.txt"));
		this.recordings = {};
	}

	// The instance that the runner started for this group.
	static shared() {
		if (!process.env.RUN_DIR) throw new Error("RUN_DIR is not set: run tests/run/test.sh web");
		return new Instance(process.env.RUN_DIR);
	}

	// Starts another one with settings of its own; ends with this process at the latest.
	static async start(name, environment = {}, build = BUILD) {
		const runDir = join(process.env.WORK ?? "/tmp", name, "run");
		mkdirSync(dirname(runDir), { recursive: true });
		chmodSync(dirname(runDir), 0o711);
		const env = {
			...process.env, REQUEST_RATE: "100000r/s", UPLOAD_RATE: "100000r/s", CONNECTIONS: "10000", DATABASE_FSYNC: "off", PORT: "0", TLS_PORT: "0", INSTRUCTION_PORT: "0",
			REALNAME_JOB_DELAY_SCALE: "0.02", REALNAME_JOB_POLL_MS: "50", REALNAME_SMS_ADDRESS_HOUR: "100000", REALNAME_SIGNIN_ADDRESS_HOUR: "100000", REALNAME_PROOF_ADDRESS_HOUR: "100000",
			OWNER_PID: String(process.pid), RUN_DIR: runDir, BUILD: build, ...environment,
		};
		await run("bash", ["tests/run/instance.sh", "start"], { cwd: TOP, env });
		return new Instance(runDir);
	}

	async stop() {
		await run("bash", ["tests/run/instance.sh", "stop"], { cwd: TOP, env: { ...process.env, RUN_DIR: this.runDir } });
	}

	// The operator's command; what it printed. Throws when it refuses.
	async ctl(...words) {
		const { stdout } = await run(resolve(TOP, BUILD, "bin/realnamectl"), words, { cwd: TOP, env: { ...process.env, RUN_DIR: this.runDir } });
		return stdout;
	}

	// The same, as bytes.
	async ctlBytes(...words) {
		const { stdout } = await run(resolve(TOP, BUILD, "bin/realnamectl"), words, { cwd: TOP, env: { ...process.env, RUN_DIR: this.runDir }, encoding: "buffer", maxBuffer: 1 << 26 });
		return stdout;
	}

	// Rows as arrays of text. As superuser: tests look, and make time pass by moving what is stored.
	sql(statement) {
		const out = execFileSync("psql", ["-X", "-q", "-At", "-F", "\t", "-v", "ON_ERROR_STOP=1", "-h", this.endpoints.database_socket, "-U", "postgres", "-d", "realname", "-c", statement], { encoding: "utf8", maxBuffer: 1 << 28 });
		return out.split("\n").filter(Boolean).map((line) => line.split("\t"));
	}
	value(statement) {
		return this.sql(statement)[0]?.[0];
	}
	dump() {
		return execFileSync("pg_dump", ["-h", this.endpoints.database_socket, "-U", "realname_owner", "--data-only", "realname"], { encoding: "utf8", maxBuffer: 1 << 29 });
	}

	// What a stand-in got, oldest first; accepted: the carrier's good ones.
	received(name, file = "received") {
		const key = `${name}/${file}`;
		this.recordings[key] ??= new Recording(join(this.runDir, "standin", name, `${file}.jsonl`));
		return this.recordings[key].read();
	}
	accepted() {
		return this.received("carrier", "accepted");
	}
	// Scripts a stand-in; no rules: it answers as ever again.
	script(name, rules = []) {
		const path = join(this.runDir, "standin", name, "script.json");
		if (rules.length === 0) return rmSync(path, { force: true });
		writeFileSync(`${path}.new`, JSON.stringify(rules), { mode: 0o644 });
		chmodSync(`${path}.new`, 0o644);
		renameSync(`${path}.new`, path);
	}

	// Messages that reached a phone, oldest first: {template, parameters}.
	sms(phone) {
		return this.messages.read().map((line) => line.split(" ")).filter((words) => words[2] === `+86${phone}`)
			.map((words) => ({ template: words[3], parameters: words.slice(4) }));
	}
	// The processes that work for a program now, by its name: those whose parent is the program too. Never by a log: a number is used again.
	workers(program = "realname-web") {
		const all = execFileSync("ps", ["-eo", "pid=,ppid=,args="], { encoding: "utf8" }).split("\n").map((line) => line.trim().split(/\s+/))
			.filter(([, , command]) => command?.startsWith(this.runDir) && command.endsWith(`/${program}`)).map(([pid, parent]) => ({ pid: Number(pid), parent: Number(parent) }));
		const pids = new Set(all.map((one) => one.pid));
		return all.filter((one) => pids.has(one.parent)).map((one) => one.pid);
	}
	// The sessions that programs have with the database, by its roles: processes to be ended by endSessions.
	sessions(...roles) {
		const pids = this.sql(`SELECT pid FROM pg_stat_activity WHERE usename = ANY ('{${roles}}')`).flat().map(Number);
		if (pids.length === 0) throw new Error(`no session of ${roles}`);
		return pids;
	}
	// Waits until none of them is left.
	async endSessions(pids) {
		for (const pid of pids)
			try {
				process.kill(pid, "SIGTERM");
			} catch (error) {
				if (error.code !== "ESRCH") throw error;
			}
		await until("the sessions end", () => !pids.some((pid) => existsSync(`/proc/${pid}`)));
	}
	// Each worker asks for its database once a second only: until twenty answers in a row are good, one of them may still believe that it is away.
	async readyEverywhere(visitor) {
		await until("every worker is ready", async () => {
			for (let n = 0; n < 20; n++) if ((await visitor.request("GET", "/readyz")).status !== 200) return false;
			return true;
		});
	}
	// The digits of the count-th code that this phone got.
	async code(phone, count = 1) {
		const codes = () => this.sms(phone).filter((message) => message.template === "2000001");
		await until(`code ${count} for a phone`, () => codes().length >= count);
		return codes()[count - 1].parameters[0];
	}

	// Personal data that tests made up is told to the test that looks for it where it must not be.
	remember(...values) {
		const lines = values.filter((value) => value && String(value).length > 1).map((value) => `${value}\n`).join("");
		appendFileSync(`${this.runDir}.personal`, lines);
	}
	remembered() {
		return existsSync(`${this.runDir}.personal`) ? [...new Set(readFileSync(`${this.runDir}.personal`, "utf8").split("\n").filter(Boolean))] : [];
	}
	log(part) {
		return readFileSync(join(this.runDir, "log", `${basename(part)}.log`), "utf8");
	}
}
