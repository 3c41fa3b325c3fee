// A worker is killed with a message on its way: from the kill to the same message at the carrier again, sent by another one, with the
// durations of production.
import { join, resolve } from "node:path";

import { importCars } from "../web/cars.mjs";
import { cardStates, Instance, journey } from "../web/client.mjs";
import { TOP, until } from "../web/instance.mjs";
import { median, quantile, remark, result, run } from "./measure.mjs";

const ROUNDS = 30;
const instance = await Instance.start("takeover", { DATABASE_FSYNC: "on", REALNAME_JOB_DELAY_SCALE: "1", REALNAME_JOB_POLL_MS: "1000", REALNAME_OUTBOUND_TIMEOUT_MS: "20000" });
const data = instance.endpoints.ca.replace(/\/tls\/ca\.pem$/, ""), fill = resolve(TOP, process.env.BUILD ?? "build", "bench", "t1_fill");

try {
	const [car] = await importCars(instance), v = await journey(instance, car), number = v.page.text.match(/受理编号\s*([0-9A-Za-z-]+)/)[1];
	await cardStates(instance, number);
	v.close();
	const jobs = () => instance.value("SELECT count(*) FROM job WHERE kind = 't1_send'");
	// Kills who holds the only message; seconds until the carrier has it again.
	async function takeover(begin) {
		instance.script("carrier", [{ match: {}, times: 1, delay_ms: 15000 }]);
		const before = instance.received("carrier").length;
		await begin();
		await until("the message at the carrier", () => instance.received("carrier").length > before);
		const pid = Number(instance.value("SELECT w.pid FROM job j JOIN worker w ON w.id = j.worker WHERE j.kind = 't1_send'")), start = Date.now();
		process.kill(pid, "SIGKILL");
		await until("the message again", () => instance.received("carrier").length > before + 1, 60);
		const [first, second] = instance.received("carrier").slice(before);
		if (first.body !== second.body) throw new Error("not the same message");
		instance.script("carrier");
		await until("the end of the job", () => jobs() === "0", 60);
		return second.time - start / 1000;
	}
	const times = [];
	const message = () => run(fill, [join(data, "realname.conf"), `host=${instance.endpoints.database_socket} dbname=realname user=postgres`, number, "1", "0"]);
	for (let n = 0; n < ROUNDS; n++) times.push(await takeover(message));
	result("queue.takeover_s_p99", quantile(times, 0.99).toFixed(2), "s");
	remark(`${times.length} workers killed: median ${median(times).toFixed(2)} s, worst ${Math.max(...times).toFixed(2)} s`);
} finally {
	await instance.stop();
}
