// Claiming and finishing jobs at a backlog of 300,000, with order per key, synchronous commits; beside it, in the same cluster and by
// turns, the two best-known queues of npm that keep their jobs in PostgreSQL. Each has the same jobs: the id of a row, two for each key.
// pg-boss knows no order per key: it is measured without. Each works as its authors recommend for speed (batches, several
// processes); what the jobs do is nothing.
import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

import { Instance } from "../web/client.mjs";
import { TOP } from "../web/instance.mjs";
import { median, remark, result, run } from "./measure.mjs";

const BACKLOG = 300_000, ROUNDS = 3, SECONDS = 8, PIECE = 20_000, CLIENTS = 4, BATCH = 200, NODE_PROCESSES = 2;
const PEERS = { "graphile-worker": "0.17.3", "pg-boss": "10.4.2", pg: "8.16.3" };
const instance = await Instance.start("queue", { DATABASE_FSYNC: "on" });
const socket = join(instance.runDir, "sock"), load = resolve(TOP, process.env.BUILD ?? "build", "bench/queue_load");

const psql = (database, statement) => run("psql", ["-X", "-q", "-At", "-v", "ON_ERROR_STOP=1", "-h", socket, "-U", "postgres", "-d", database, "-c", statement], { maxBuffer: 1 << 24 }).then(({ stdout }) => stdout.trim());

// A folder of its own: nothing of it is part of the project.
const folder = join(process.env.WORK, "peers");
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, type: "module", dependencies: PEERS }));
const { NODE_EXTRA_CA_CERTS, HOST_CA_CERTS, ...environment } = process.env; // the authority of the instance does not speak for the registry
await run("npm", ["install", "--no-audit", "--no-fund", "--prefix", folder], { cwd: folder, env: { ...environment, ...(HOST_CA_CERTS && { NODE_EXTRA_CA_CERTS: HOST_CA_CERTS }) } });
const node = (name, text) => {
	writeFileSync(join(folder, name), text);
	return (...args) => run(process.execPath, [join(folder, name), ...args.map(String)], { cwd: folder, maxBuffer: 1 << 24 });
};
const url = (database) => `postgresql://postgres@localhost/${database}?host=${encodeURIComponent(socket)}`;

const graphileSetup = node("graphile-setup.mjs", `import { runMigrations } from "graphile-worker"; await runMigrations({ connectionString: process.argv[2] });`);
const graphileWork = node("graphile-work.mjs", `
	import { run } from "graphile-worker";
	let done = 0;
	const runner = await run({ connectionString: process.argv[2], taskList: { job: () => void done++ }, noHandleSignals: true, concurrency: 24, maxPoolSize: 26,
		preset: { worker: { localQueue: { size: 500 }, completeJobBatchDelay: 0, failJobBatchDelay: 0 } }, logger: new (await import("graphile-worker")).Logger(() => () => {}) });
	setTimeout(async () => { const count = done; await runner.stop().catch(() => {}); console.log(count); process.exit(0); }, process.argv[3] * 1000);`);
const bossSetup = node("boss-setup.mjs", `import Boss from "pg-boss"; const b = new Boss(process.argv[2]); await b.start(); await b.createQueue("job"); await b.stop({ graceful: false }); process.exit(0);`);
const bossWork = node("boss-work.mjs", `
	import Boss from "pg-boss";
	const boss = new Boss({ connectionString: process.argv[2], supervise: false, schedule: false, max: 4 }), end = Date.now() + process.argv[3] * 1000;
	await boss.start();
	let done = 0;
	await Promise.all([1, 2].map(async () => { while (Date.now() < end) {
		const jobs = await boss.fetch("job", { batchSize: ${BATCH} });
		if (!jobs?.length) break;
		await boss.complete("job", jobs.map((one) => one.id));
		done += jobs.length;
	} }));
	console.log(done);
	process.exit(0);`);
const several = async (work, database) => {
	const counts = await Promise.all(Array.from({ length: NODE_PROCESSES }, () => work(url(database), SECONDS)));
	return counts.reduce((all, { stdout }) => all + Number(stdout), 0);
};

const graphileFill = (count, queue) => `SELECT count(*) FROM (SELECT graphile_worker.add_jobs(array_agg(('job', json_build_object('subject', gen_random_uuid()), ${queue}, NULL, NULL, NULL, NULL, NULL)::graphile_worker.job_spec))
	FROM (SELECT random() AS x) r, generate_series(1, ${count}) i) x`;

const queues = [
	{
		name: "ours", guess: 25_000, database: "realname", waiting: "SELECT count(*) FROM job",
		fill: (count) => `INSERT INTO job (kind, lane, subject, order_key, behind, due_at) SELECT 't1_send', 't1:bench', gen_random_uuid(), md5(g.n || '-' || r.x)::uuid, g.k = 1, clock_timestamp()
			FROM (SELECT random() AS x) r, generate_series(1, ${count} / 2) AS n, generate_series(0, 1) AS k, LATERAL (SELECT n, k) g`,
		work: () => run(load, [`host=${socket} dbname=realname user=realname_jobs`, "t1:bench", CLIENTS, BATCH, SECONDS].map(String)).then(({ stdout }) => Number(stdout)),
	},
	{
		name: "graphile-worker", guess: 2_000, database: "graphile", setup: graphileSetup, waiting: "SELECT count(*) FROM graphile_worker._private_jobs",
		fill: (count) => graphileFill(count, "'k' || (i / 2) || '-' || r.x"),
		work: () => several(graphileWork, "graphile"),
	},
	{
		name: "graphile-worker, no order", guess: 30_000, database: "graphile_plain", setup: graphileSetup, waiting: "SELECT count(*) FROM graphile_worker._private_jobs",
		fill: (count) => graphileFill(count, "NULL"),
		work: () => several(graphileWork, "graphile_plain"),
	},
	{
		name: "pg-boss, no order", guess: 12_000, database: "boss", setup: bossSetup, waiting: "SELECT count(*) FROM pgboss.job WHERE state = 'created'",
		fill: (count) => `INSERT INTO pgboss.job (name, data) SELECT 'job', jsonb_build_object('subject', gen_random_uuid()) FROM generate_series(1, ${count})`,
		work: () => several(bossWork, "boss"),
	},
];

try {
	for (const queue of queues) {
		if (queue.setup) {
			await psql("postgres", `CREATE DATABASE ${queue.database}`);
			await queue.setup(url(queue.database));
		}
		queue.rates = [];
	}
	for (let n = 0; n < ROUNDS; n++)
		for (const queue of queues) {
			// As much more as it may finish in a round, judged by the round before.
			const waiting = Number(await psql(queue.database, queue.waiting)), spare = Math.ceil(1.2 * SECONDS * Math.max(queue.guess, queue.rates.at(-1) ?? 0));
			for (let more = BACKLOG + spare - waiting; more > 0; more -= PIECE) await psql(queue.database, queue.fill(PIECE));
			await psql(queue.database, "VACUUM ANALYZE");
			await psql(queue.database, "CHECKPOINT");
			const done = await queue.work();
			const left = Number(await psql(queue.database, queue.waiting));
			remark(`${queue.name}: ${(done / SECONDS).toFixed(0)} jobs a second, ${left} left`);
			if (left < BACKLOG * 0.9) throw new Error(`${queue.name}: the backlog shrank to ${left}`);
			queue.rates.push(done / SECONDS);
		}
	// The same promise first: order per key. What gives that up may be faster, and is told beside it.
	const rate = (wanted) => Math.max(...queues.filter(wanted).map((queue) => median(queue.rates))), ours = rate((queue) => queue.name === "ours");
	result("queue.jobs_per_s", ours.toFixed(0), "jobs/s");
	result("queue.vs_best_npm", (ours / rate((queue) => queue.name !== "ours" && !queue.name.endsWith("no order"))).toFixed(2), "ratio");
	result("queue.vs_best_npm_without_order", (ours / rate((queue) => queue.name.endsWith("no order"))).toFixed(2), "ratio");
	remark(`backlog ${BACKLOG} or more, two jobs a key, ${CLIENTS} processes with batches of ${BATCH} (node: ${NODE_PROCESSES} processes), rounds of ${SECONDS} s by turns`);
} finally {
	await instance.stop();
}
