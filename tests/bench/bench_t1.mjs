// Messages to carriers. push_vs_curl: account messages a second from the queue to the carrier and back into the database, over what a
// bare libcurl loop does with the same bytes, one connection each, by turns. commit_to_wire: from the end of the commit that makes a
// message due to its arrival at the carrier, at 200 messages a second; both clocks are this machine's.
import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

import { importCars } from "../web/cars.mjs";
import { cardStates, Instance, journey } from "../web/client.mjs";
import { TOP, until } from "../web/instance.mjs";
import { cpu, median, parts, quantile, remark, result, run } from "./measure.mjs";

const MESSAGES = 2000, ROUNDS = 5, RATE = 200, SECONDS = 20;
const instance = await Instance.start("t1", { DATABASE_FSYNC: "on", REALNAME_JOB_DELAY_SCALE: "1", REALNAME_JOB_POLL_MS: "1000", STANDIN_RECORD_SHORT: "" });
const bin = (name) => resolve(TOP, process.env.BUILD ?? "build", "bench", name), data = instance.endpoints.ca.replace(/\/tls\/ca\.pem$/, "");

try {
	const [car] = await importCars(instance), v = await journey(instance, car), number = v.page.text.match(/受理编号\s*([0-9A-Za-z-]+)/)[1];
	await cardStates(instance, number);
	v.close();
	const fill = (count, rate) => run(bin("t1_fill"), [join(data, "realname.conf"), `host=${instance.endpoints.database_socket} dbname=realname user=postgres`, number, count, rate].map(String), { maxBuffer: 1 << 24 });
	const accepted = () => instance.received("carrier").length;
	const url = instance.value("SELECT profile->>'account_url' FROM carrier_connection");
	const site = parts(instance, ["realname-jobs", "postgres"]);

	// One round of ours: from the first message sent to the last answer written.
	async function ours(count) {
		const before = accepted(), last = instance.value("SELECT coalesce(max(id), 0) FROM t1_attempt"), used = site.map((pid) => cpu([pid]));
		await fill(count, 0);
		await until("all messages at the carrier", () => accepted() >= before + count, 120);
		await until("all answers written", () => instance.value("SELECT count(*) FROM job WHERE kind = 't1_send'") === "0", 120);
		const [[sent, seconds]] = instance.sql(`SELECT count(*), extract(epoch FROM max(answered_at) - min(at)) FROM t1_attempt WHERE id > ${last}`);
		if (Number(sent) !== count) throw new Error(`${sent} attempts for ${count} messages`);
		return { rate: count / Number(seconds), cpu: site.map((pid, i) => (cpu([pid]) - used[i]) / count / 1000) };
	}
	const bodies = join(process.env.WORK, "bodies");
	async function curl(count) {
		writeFileSync(bodies, instance.received("carrier").filter((m) => m.action === "account").slice(-count).map((m) => `${m.body}\n`).join(""));
		const start = process.hrtime.bigint(), { stdout } = await run(bin("curl_loop"), [url, instance.endpoints.ca, bodies]);
		if (Number(stdout) !== count) throw new Error(`the loop had ${stdout} answers of ${count}`);
		return count / (Number(process.hrtime.bigint() - start) / 1e9);
	}
	await ours(500); // plans and caches
	const rates = { ours: [], curl: [] }, used = [];
	for (let n = 0; n < ROUNDS; n++) {
		const one = await ours(MESSAGES);
		rates.ours.push(one.rate);
		used.push(one.cpu);
		rates.curl.push(await curl(MESSAGES));
	}
	result("t1.push_vs_curl", median(rates.ours.map((rate, i) => rate / rates.curl[i])).toFixed(2), "ratio");
	remark(`ours ${rates.ours.map((rate) => rate.toFixed(0)).join(" ")}, libcurl ${rates.curl.map((rate) => rate.toFixed(0)).join(" ")} messages a second; processor time of ours a message: ${["jobs", "postgres"].map((name, i) => `${name} ${median(used.map((one) => one[i])).toFixed(0)}`).join(", ")} us`);

	const { stdout } = await fill(RATE * SECONDS, RATE);
	const commits = new Map(stdout.trim().split("\n").map((line) => line.split(" ")));
	await until("all messages at the carrier", () => instance.value("SELECT count(*) FROM job WHERE kind = 't1_send'") === "0", 60);
	const delays = instance.received("carrier").map((m) => [JSON.parse(m.body).RequestID, m.time]).filter(([id]) => commits.has(id)).map(([id, time]) => time * 1000 - Number(commits.get(id)) / 1000);
	if (delays.length !== commits.size) throw new Error(`${delays.length} arrived of ${commits.size}`);
	result("t1.commit_to_wire_ms_p99", quantile(delays, 0.99).toFixed(1), "ms");
	remark(`${delays.length} messages at ${RATE} a second: median ${median(delays).toFixed(1)} ms, worst ${Math.max(...delays).toFixed(1)} ms`);
} finally {
	await instance.stop();
}
