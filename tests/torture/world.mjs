// The instance under torture: its load, its links, its processes, its clock, and what was acknowledged. Faults are in faults.mjs.
import { execFile, execFileSync, spawn } from "node:child_process";
import { chmodSync, closeSync, existsSync, mkdirSync, openSync, readFileSync, readSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";

import { csvOf, newCar, newVin, vinCheckDigit, importCars } from "../web/cars.mjs";
import { Visitor, journey } from "../web/client.mjs";
import { Crashing, signal } from "../web/crashing.mjs";
import { TOP } from "../web/instance.mjs";
import { Calls } from "./calls.mjs";
import { pause, until } from "./wait.mjs";

const run = promisify(execFile);
const BUILD = resolve(TOP, process.env.BUILD ?? "build");
const FAKETIME = ["/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1", "/usr/lib/aarch64-linux-gnu/faketime/libfaketime.so.1"].find((path) => existsSync(path));
const CARS = 80, CARDS = 4, FEEDS = 3, COURIERS = 3;
export const CARRIER = "sample";

// Replaces a file at once, readable for the account of the instance.
function place(path, text, mode = 0o666) {
	writeFileSync(`${path}.new`, text);
	chmodSync(`${path}.new`, mode);
	renameSync(`${path}.new`, path);
}

// One process of feed.c: orders are answered in their order.
class Feed {
	constructor(config, dsn) {
		this.child = spawn("setpriv", ["--pdeathsig", "KILL", "--", join(BUILD, "torture/feed"), config, dsn], { stdio: ["pipe", "pipe", "inherit"] });
		this.waiting = [];
		createInterface({ input: this.child.stdout }).on("line", (line) => this.waiting.shift().done(JSON.parse(line)));
		this.child.stdin.on("error", () => {}); // its end is told
		this.child.on("exit", (code) => {
			this.ended = `feed ended with ${code}`;
			this.waiting.splice(0).forEach((one) => one.failed(new Error(this.ended)));
		});
	}
	async ask(order) {
		if (this.ended) throw new Error(this.ended);
		return new Promise((done, failed) => {
			this.waiting.push({ done, failed });
			this.child.stdin.write(`${order}\n`);
		});
	}
	close() {
		this.child.stdin.end();
	}
}

// The rules of the proxy; every rule has an id, and ids are never used again.
class Links {
	constructor(instance) {
		this.instance = instance;
		this.folder = join(instance.runDir, "standin/proxy");
		this.rules = [];
		this.count = 0;
	}
	get history() {
		return this.instance.received("proxy", "history");
	}
	// Takes effect before this returns: the proxy has said that it has rules of which known(ids) is true. Which others it has is the matter
	// of faults beside this one, whose rules may come and go meanwhile.
	async write(known) {
		const from = this.history.length;
		place(join(this.folder, "script.json"), JSON.stringify(this.rules));
		await until("the proxy knows its rules", () => this.history.slice(from).some((line) => line.event === "rules" && known(line.ids)));
	}
	async add(rule) {
		const id = `r${++this.count}`;
		this.rules.push({ id, ...rule });
		await this.write((ids) => ids.includes(id));
		return id;
	}
	async remove(id) {
		this.rules = this.rules.filter((rule) => rule.id !== id);
		await this.write((ids) => !ids.includes(id));
	}
	strikes(id) {
		return this.history.filter((line) => line.event === "strike" && line.id === id).length;
	}
}

export class World {
	// scale: what every duration of the product is multiplied with; violation(invariant, what): told when a fault itself sees one.
	static async start(scale, name, violation) {
		const t = new World(), runDir = join(process.env.WORK ?? "/tmp", name, "run"), crash = join(dirname(runDir), "crash");
		mkdirSync(crash, { recursive: true });
		chmodSync(dirname(runDir), 0o711);
		chmodSync(crash, 0o777);
		t.scale = scale;
		t.violation = violation;
		t.numbers = 0;
		t.innocent = 0; // dead letters that did nothing but being held by processes that were killed
		t.stall = Math.max(3, Math.round(25 * scale));
		t.crashFolder = crash;
		t.clockFile = join(dirname(runDir), "clock");
		t.timeout = Math.max(1000, Math.round(20000 * scale));
		t.leaseSetting = Math.max(1, Math.round(30 * scale));
		t.lease = Math.max(t.leaseSetting, Math.ceil(t.timeout / 1000) + Math.ceil(t.leaseSetting / 3)) * 1000; // as job_lease_s
		place(t.clockFile, "+0\n");
		// The certificates are older than any clock that is set back.
		const tools = join(dirname(runDir), "tools");
		mkdirSync(tools, { recursive: true });
		place(join(tools, "openssl"), `#!/bin/sh\n${FAKETIME ? `LD_PRELOAD=${FAKETIME} FAKETIME=-2d ` : ""}exec /usr/bin/openssl "$@"\n`, 0o755);
		t.crashing = await Crashing.start(name, {
			PATH: `${tools}:${process.env.PATH}`, PROXY: "1", STANDIN_RECORD_SHORT: "1", REALNAME_CRASH_DIR: crash,
			REALNAME_JOBS_WORKERS: "2", REALNAME_T1_WORKERS: "2", REALNAME_SFTP_WORKERS: String(COURIERS), REALNAME_WEB_WORKERS: "2",
			REALNAME_SFTP_STALL_S: String(t.stall),
			REALNAME_JOB_LEASE_S: String(t.leaseSetting), REALNAME_JOB_DELAY_SCALE: String(scale),
			REALNAME_JOB_POLL_MS: String(Math.max(20, Math.round(1000 * scale))),
			REALNAME_OUTBOUND_TIMEOUT_MS: String(t.timeout), REALNAME_OUTBOUND_CONNECT_MS: String(Math.max(500, Math.round(3000 * scale))),
			REALNAME_SMS_VIN_DAY: "1000", REALNAME_SMS_BUDGET_DAY: "1000000",
		});
		t.workerCount = 4 + COURIERS;
		t.instance = t.crashing.instance;
		t.data = t.crashing.data;
		t.links = new Links(t.instance);
		if (FAKETIME) await t.crashing.restart({ LD_PRELOAD: FAKETIME, FAKETIME_TIMESTAMP_FILE: t.clockFile, FAKETIME_NO_CACHE: 1, FAKETIME_DONT_FAKE_MONOTONIC: 1, FAKETIME_DONT_RESET: 1 });
		await t.importFleet();
		t.calls = await Calls.start(t);
		const dsn = `host=${t.instance.endpoints.database_socket} dbname=realname user=realname_web`;
		t.feeds = Array.from({ length: FEEDS }, () => new Feed(join(t.data, "realname.conf"), dsn));
		t.submitted = []; // everything acknowledged: {number, iccids, at, by}
		t.connection = (await t.sql(`SELECT n.id FROM carrier_connection n JOIN carrier k ON k.id = n.carrier_id WHERE k.slug = '${CARRIER}'`))[0][0];
		await t.carry();
		t.fileSize = Number(await t.value("SELECT max(size) FROM t1_file"));
		return t;
	}
	get clockCanBeFaked() {
		return FAKETIME !== undefined;
	}
	async importFleet() {
		const cars = Array.from({ length: CARS }, () => {
			const vin = `LT${newVin().slice(2)}`;
			return newCar(CARDS, { VIN: vin.slice(0, 8) + vinCheckDigit(vin) + vin.slice(9) });
		});
		const file = join(dirname(this.crashFolder), "fleet.csv");
		place(file, csvOf(cars), 0o644);
		await this.instance.ctl("import", file);
	}
	async stop() {
		for (const feed of this.feeds ?? []) feed.close();
		this.heal();
		await this.instance.stop();
	}

	// ---- the database, from outside of all links; while it is away this waits ----

	async sql(statement, seconds = 30) {
		const words = ["-X", "-q", "-At", "-F", "\t", "-v", "ON_ERROR_STOP=1", "-h", this.instance.endpoints.database_socket, "-U", "postgres", "-d", "realname", "-c", statement];
		let last;
		const out = await until(`the database answers: ${statement.slice(0, 80)}`, async () => {
			try {
				return [(await run("psql", words, { maxBuffer: 1 << 28 })).stdout];
			} catch (error) {
				last = error;
				if (!/terminat|connect|closed|starting up|shutting down|recovery|lost synchron|server/i.test(error.stderr)) throw error;
				return null;
			}
		}, seconds).catch((error) => {
			throw new Error(`${error.message}: ${last?.stderr}`);
		});
		return out[0].split("\n").filter(Boolean).map((line) => line.split("\t"));
	}
	async value(statement) {
		return (await this.sql(statement))[0]?.[0];
	}
	// The operator's command; like a person it tries again while the database is away.
	async ctl(...words) {
		let last;
		return until(`realnamectl ${words.join(" ")}`, async () => {
			try {
				return (await this.instance.ctl(...words)) || " ";
			} catch (error) {
				last = error;
				if (!/connect|away|db:/i.test(error.stderr)) throw error;
				return null;
			}
		}, 30).catch((error) => {
			throw new Error(`${error.message}: ${last?.stderr ?? ""}`);
		});
	}

	// ---- load ----

	// One application of the fleet, committed. hot: so many more messages for its first card.
	async submit(hot = 0) {
		const feed = this.feeds[this.turn = ((this.turn ?? 0) + 1) % FEEDS];
		const made = await until("a free car", async () => {
			const one = await feed.ask(hot ? `hot ${hot}` : "push");
			return one.application && one;
		}, 90 + 600 * this.scale);
		this.submitted.push({ number: made.number, application: made.application, kind: made.kind, iccids: made.cards.map((card) => card.iccid), at: Date.now() / 1000, by: "feed" });
		return made;
	}
	async load(applications) {
		return Promise.all(Array.from({ length: applications }, () => this.submit()));
	}
	// More messages for a card whose application is under way, from several processes at once.
	async race(card, each) {
		const answers = await Promise.all(this.feeds.map((feed) => feed.ask(`more ${card} ${each}`)));
		return answers.reduce((sum, one) => sum + one.more, 0);
	}
	get accepted() {
		return this.instance.accepted();
	}
	// Something of the fleet gets through to the carrier from now on.
	async progress(seconds = 60 + 540 * this.scale) {
		const from = this.accepted.length;
		await this.submit();
		await until("messages go on", () => this.accepted.length > from, seconds);
	}

	// A file gets through to the carrier from now on.
	async carry() {
		const [message] = await this.calls.load(1);
		await this.calls.carried(message);
	}

	// People register cars, one after the other; they press again when a page says so, and begin anew when nothing helps.
	async people(going) {
		const looker = new Visitor(this.instance, {});
		this.journeys = 0;
		while (going()) {
			await until("the site is ready", () => !going() || looker.request("GET", "/readyz").then((page) => page.status === 200, () => false), 600);
			await importCars(this.instance, [{ cards: 2 }]).then(([car]) => this.journey(car, going)).catch((error) => (this.lastTrouble = error));
			await pause(20000 * this.scale);
		}
		looker.close();
	}
	async journey(car, going) {
		const v = new Visitor(this.instance, {});
		try {
			await journey(this.instance, car, { stop: "check", visitor: v });
			for (let n = 0; n < 5 && going(); n++) {
				await v.submit().catch(() => {});
				const number = v.page?.text.match(/已受理[\s\S]*受理编号\s*([0-9A-Za-z-]+)/)?.[1];
				if (!number) continue;
				this.submitted.push({ number, kind: "register", iccids: car.cards.map((card) => card.iccid), at: Date.now() / 1000, by: "person" });
				this.journeys++;
				return;
			}
		} finally {
			v.close();
		}
	}

	// ---- the carrier ----

	// Hits of the script that was set last.
	script(rules, name = "carrier") {
		const from = this.instance.received(name).length; // what comes in meanwhile may be hit already
		this.instance.script(name, rules);
		return () => this.instance.received(name).slice(from).filter((m) => m.rule !== undefined);
	}

	// ---- processes ----

	get workers() {
		return this.crashing.processes().workers;
	}
	get parent() {
		return this.crashing.processes().parent;
	}
	// What a worker says it is, by its row in the database; ours: of this machine.
	async workersOf(role, ours = true) {
		const pids = (await this.sql(`SELECT pid FROM worker WHERE role = '${role}' AND missed_at IS NULL`)).map(([pid]) => Number(pid));
		return ours ? this.workers.filter((pid) => pids.includes(pid)) : pids;
	}
	// Another background program with the same database, as on a second machine.
	another(settings) {
		const { uid, gid } = statSync(this.data), environment = { ...this.crashing.environment, ...settings, REALNAME_CRASH_DIR: "/nonexistent", REALNAME_DATABASE: `host=${this.instance.endpoints.database_socket} dbname=realname user=realname_jobs` };
		return spawn("setpriv", ["--pdeathsig", "TERM", "--", "bash", "-c", 'exec -a another "$0.real" --config "$1"', join(this.data, "app/bin/realname-jobs"), join(this.data, "realname.conf")], {
			stdio: ["ignore", "ignore", openSync(join(this.instance.runDir, "log/another.log"), "a")], uid, gid, env: { ...environment, PATH: process.env.PATH },
		});
	}
	// The carrier's SFTP server: its parent, and a process for each session.
	get sftpServer() {
		const all = execFileSync("ps", ["-eo", "pid=,ppid=,args="], { encoding: "utf8" }).split("\n").map((line) => line.trim().match(/^(\d+)\s+(\d+)\s+(.*)$/)).filter(Boolean).map(([, pid, parent, words]) => ({ pid: Number(pid), parent: Number(parent), words }));
		const listener = all.find((p) => /^(sshd:|\S*sshd) /.test(p.words) && p.words.includes(this.sftpFile("sshd_config")))?.pid;
		return { listener, sessions: listener ? all.filter((p) => p.parent === listener).map((p) => p.pid) : [] };
	}
	sftpFile(name) {
		return join(this.data, "standin/sftp", name);
	}
	// All sessions end without a word, and with them the server, if that is wanted.
	killSessions(listenerToo = false) {
		const { listener, sessions } = this.sftpServer;
		this.signal(listenerToo ? [listener, ...sessions] : sessions, "SIGKILL");
	}
	// SFTP sessions: {opened, most} at once, from the connection to the moment at which the server has left it or the proxy has cut it. What
	// the proxy keeps from the client meanwhile is no session of the server.
	sessions() {
		const open = new Set();
		let most = 0, opened = 0;
		for (const line of this.links.history) {
			if (line.link !== "sftp") continue;
			if (line.event === "open") (open.add(line.connection), opened++);
			else if (line.event === "left" || line.event === "close") open.delete(line.connection);
			most = Math.max(most, open.size);
		}
		return { opened, most };
	}
	// What a part has written to its log from now on.
	logFrom(part) {
		const path = join(this.data, "log", `${part}.log`), from = statSync(path).size;
		return () => {
			const file = openSync(path, "r"), block = Buffer.alloc(Math.max(0, statSync(path).size - from));
			readSync(file, block, 0, block.length, from);
			closeSync(file);
			return block.toString();
		};
	}
	signal(pids, name) {
		signal([pids].flat(), name);
	}
	// The processes of another part, parent first.
	part(program) {
		return this.crashing.running(join(this.data, "app/bin", program));
	}
	get postmaster() {
		return Number(readFileSync(join(this.data, "pg/postmaster.pid"), "utf8").split("\n")[0]);
	}
	// Whoever comes to a named place for the count-th time gets the signal; count 0: everybody. Gives a function that tells whether it happened.
	crashAt(point, count = 1, number = 9, subject = "") {
		const path = join(this.crashFolder, point);
		place(path, `${count} ${number} ${subject}`);
		return () => !existsSync(path);
	}
	forgetCrash(point) {
		rmSync(join(this.crashFolder, point), { force: true });
	}
	// The wall clock of the background program, in seconds from the true one.
	clock(seconds) {
		place(this.clockFile, `${seconds < 0 ? "" : "+"}${seconds}\n`);
	}

	// ---- an end to all faults ----

	// Whoever was stopped goes on, also one whose parent was killed meanwhile.
	wake() {
		this.signal(this.crashing.every(), "SIGCONT");
	}
	heal() {
		this.wake();
		this.clock(0);
	}
	async settle(seconds) {
		this.heal();
		this.links.rules = [];
		await this.links.write((ids) => ids.length === 0);
		for (const name of ["carrier", "sms", "identity"]) this.instance.script(name);
		await until("nothing is left to do", async () => {
			await this.staff();
			return (await this.calls.tellAll()) === 0 && (await this.value("SELECT count(*) FROM job WHERE dead_at IS NULL")) === "0";
		}, seconds).catch(() => {});
	}
	// What waits for people: they look again and again, since what is still on its way may come to them later.
	async staff() {
		if ((await this.value("SELECT count(*) FROM carrier_connection WHERE suspended_at IS NOT NULL")) !== "0") await this.ctl("carrier", "resume", CARRIER);
		// What the carrier refused after other messages of the card were accepted: they ask again.
		const refused = await this.sql("SELECT m.request_id FROM job j JOIN t1_message m ON m.id = j.subject WHERE j.kind = 't1_send' AND j.dead_cause = 'vehicle_refused' AND m.state = 'refused'");
		for (const [request] of refused) await this.ctl("t1", "retry", request);
		// Whose processes were killed five times by us is a dead letter with an alarm: they put it back.
		const innocent = await this.sql("SELECT id FROM job WHERE dead_cause = 'kills_worker'");
		for (const [job] of innocent) await this.ctl("requeue", job);
		this.innocent += innocent.length;
	}
}
