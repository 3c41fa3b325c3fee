// Files to a carrier: how many of 100 KB a second the couriers carry to a real sshd on this machine, and how many sessions that counts at
// once; beside it what it costs to build a real file, which is most of the work of a registration's pictures.
import { readFileSync } from "node:fs";
import { loadavg } from "node:os";
import { dirname, join, resolve } from "node:path";

import { importCars } from "../web/cars.mjs";
import { cardStates, Instance, journey, until } from "../web/client.mjs";
import { orderAll, rows, sessionsCounted } from "../web/files.mjs";
import { jpeg } from "../web/media.mjs";
import { beside, cpu, parts, remark, result } from "./measure.mjs";

const BUILD = resolve(process.env.BUILD ?? "build"), FILES = 3000, BYTES = 100_000, COURIERS = 20, BUILT = 40;
const settings = { DATABASE_FSYNC: "on", REALNAME_JOB_DELAY_SCALE: "1", REALNAME_JOB_POLL_MS: "1000", REALNAME_SMS_VIN_DAY: "1000" };

async function registered(instance) {
	const [car] = await importCars(instance), side = (name) => jpeg(`${name} ${Math.random()}`, { width: 2000, height: 1264 });
	const v = await journey(instance, car, { front: side("front"), back: side("back") });
	await cardStates(instance, v.application);
	v.close();
	return car;
}
const done = (instance) => Number(instance.value("SELECT count(*) FROM t1_file WHERE state = 'done'"));

// The transfer: what is sent needs no building.
{
	const instance = await Instance.start("sftp-transfer", { ...settings, REALNAME_SFTP_WORKERS: "0" });
	try {
		await registered(instance);
		// The audit of a delivery is numbered within its application: as in life, files are of many.
		instance.sql(`INSERT INTO application (id, number, automaker_id, kind, holder, channel, acting, data_key_id, expires_at, submitted_at)
			SELECT gen_random_uuid(), 'S' || lpad(i::text, 11, '0'), automaker_id, kind, holder, channel, acting, data_key_id, expires_at, submitted_at
			FROM generate_series(1, ${FILES}) i, (SELECT * FROM application LIMIT 1) a`);
		const load = beside(instance, "bash", ["-c", 'exec env "$0" "$1" "$2" "$3" "$4" 2>>"$5"', `REALNAME_DATABASE=host=${instance.endpoints.database_socket} dbname=realname user=realname_jobs`, join(BUILD, "bench/sftp_load"), join(instance.runDir, "realname.conf"), String(COURIERS), String(BYTES), join(dirname(instance.endpoints.ca), "../log/load.log")]);
		await until("the couriers", () => instance.value("SELECT count(*) FROM worker WHERE role = 'sftp'") === String(COURIERS));
		const all = { "the couriers": load.pid, sshd: parts(instance, ["sshd"])[0], PostgreSQL: parts(instance, ["postgres"])[0] };
		await until("the file of the registration", () => done(instance) === 1);
		const before = Object.values(all).map((pid) => cpu([pid]));
		instance.sql(`INSERT INTO t1_file (connection_id, card_id, application_id, source, message_id, request_id, code, due_at)
			SELECT m.connection_id, m.card_id, a.id, 'KH', m.id, 'B' || lpad(row_number() OVER ()::text, 23, '0'), m.code, now() + interval '1 day'
			FROM application a, (SELECT * FROM t1_message WHERE kind = 'account' LIMIT 1) m WHERE a.number LIKE 'S%';
			SELECT job_add('file_deliver', 'sftp:' || connection_id, id, NULL, 0, 86400) FROM t1_file WHERE request_id LIKE 'B%'`);
		await until("all delivered", () => done(instance) === 1 + FILES, 300);
		const used = Object.values(all).map((pid, i) => (cpu([pid]) - before[i]) / 1e6 / FILES);
		// Without the first and the last tenth: sessions begin, and some have nothing more to do.
		const [[seconds, count]] = instance.sql(`SELECT extract(epoch FROM max(done_at) - min(done_at)), count(*) FROM (SELECT done_at, ntile(10) OVER (ORDER BY done_at) AS tenth FROM t1_file WHERE request_id LIKE 'B%') x WHERE tenth BETWEEN 2 AND 9`);
		result("sftp.files_per_s", (Number(count) / Number(seconds)).toFixed(0), "files/s");
		result("sftp.max_sessions", sessionsCounted(instance), "sessions");
		remark(`${FILES} files of ${BYTES} bytes by ${COURIERS} couriers; each is looked for, uploaded, measured, renamed and written down in three commits`);
		remark(`processor time a file: ${Object.keys(all).map((name, i) => `${name} ${used[i].toFixed(1)} ms`).join(", ")}; load average ${loadavg()[0].toFixed(0)}`);
		load.kill();
	} finally {
		await instance.stop();
	}
}

// Real files: two sides of a certificate of 2.5 megapixels each, a portrait, two agreements, the record of their signature.
{
	const instance = await Instance.start("sftp-build", { ...settings, REALNAME_SFTP_WORKERS: "2" });
	try {
		const car = await registered(instance);
		await until("its file", () => rows(instance, car)[0]?.state === "done", 60);
		const jobs = parts(instance, ["realname-jobs"]), before = cpu(jobs), start = Date.now();
		orderAll(instance, car, Array.from({ length: BUILT }, (_, i) => `R${String(i).padStart(23, "0")}`));
		await until("all delivered", () => done(instance) === BUILT + 1, 300);
		const seconds = (Date.now() - start) / 1000, sizes = instance.value("SELECT round(avg(size) / 1000) FROM t1_file");
		result("sftp.build_cpu_ms", ((cpu(jobs) - before) / 1e6 / BUILT).toFixed(0), "ms");
		remark(`${BUILT} files of ${sizes} KB built and delivered in ${seconds.toFixed(1)} s: ${(BUILT / seconds).toFixed(1)} a second; processor time of realname-jobs and its realname-image, transfer included`);
		const peaks = instance.sql("SELECT pid FROM worker WHERE role = 'sftp'").map(([pid]) => Number(readFileSync(`/proc/${pid}/status`, "utf8").match(/VmHWM:\s+(\d+)/)[1]) / 1024);
		remark(`memory of a courier at most ${Math.max(...peaks).toFixed(0)} MiB (its libraries and fonts included)`);
	} finally {
		await instance.stop();
	}
}
process.exit(0);
