// The page 核实车辆信息 of a live draft, against a FastCGI program that answers the same bytes and does nothing else: processor time
// a request of nginx, web and PostgreSQL together, in short rounds by turns. The load program's own time does not count.
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";

import { importCars } from "../web/cars.mjs";
import { Instance, journey } from "../web/client.mjs";
import { TOP } from "../web/instance.mjs";
import { startHello } from "./hello.mjs";
import { cpu, median, parts, quantile, remark, result, run } from "./measure.mjs";

// As many connections as there are web processes by default: all are busy and nobody queues.
const ROUNDS = 30, REQUESTS = 1500, CONNECTIONS = 4, PATH = "/register/cards", PARTS = ["nginx", "realname-web", "postgres"];
const WRK_ROUNDS = 7, WRK_SECONDS = 3, WRK_CONNECTIONS = 32;
const load = resolve(TOP, process.env.BUILD ?? "build", "bench/load");

const instance = Instance.shared();
const [car] = await importCars(instance, [{ cards: 2 }]);
const visitor = await journey(instance, car, { stop: "cards", plain: true });
const page = await visitor.get(PATH);
if (page.status !== 200 || page.values("card").length === 0) throw new Error(`no live draft: ${page.status} ${page.heading}`);
const cookie = [...visitor.cookies].map((pair) => pair.join("=")).join("; ");
visitor.close();

const workers = readFileSync(join(instance.runDir, "log/web.log"), "utf8").match(/workers=(\d+)/)[1];
const hello = await startHello(instance, page, workers);
const site = parts(instance, PARTS);
const roots = [...site, ...hello.roots];

// Microseconds of processor time a request, of each process tree.
async function round(port, requests) {
	const before = roots.map((root) => cpu([root]));
	await run(load, [port, PATH, CONNECTIONS, requests, cookie]);
	return roots.map((root, i) => (cpu([root]) - before[i]) / requests / 1000);
}
const sum = (values) => values.reduce((all, one) => all + one, 0);

const sitePort = new URL(instance.endpoints.http).port, pageRounds = [], helloRounds = [];
await round(sitePort, 2000); // plans and caches
await round(hello.port, 2000);
for (let i = 0; i < ROUNDS; i++) {
	helloRounds.push(await round(hello.port, REQUESTS));
	pageRounds.push(await round(sitePort, REQUESTS));
}
const helloTimes = helloRounds.map(sum), pageTimes = pageRounds.map(sum), ratios = helloTimes.map((value, i) => value / pageTimes[i]);
const each = [...PARTS, "hello", "its nginx"].map((name, i) => `${name} ${median((i < PARTS.length ? pageRounds : helloRounds).map((values) => values[i])).toFixed(0)}`).join(", ");
result("page.cpu_vs_hello", median(ratios).toFixed(2), "ratio");
remark(`hello ${median(helloTimes).toFixed(0)} us, page ${median(pageTimes).toFixed(0)} us a request (medians; ${each}); ratio of a pair of rounds: quarter ${quantile(ratios, 0.25).toFixed(3)}, three quarters ${quantile(ratios, 0.75).toFixed(3)}`);
remark(`${ROUNDS} pairs of rounds of ${REQUESTS} requests over ${CONNECTIONS} connections, ${page.body.length} bytes a page, ${workers} processes`);

const late = [], rates = [];
for (let i = 0; i < WRK_ROUNDS; i++) {
	const { stdout } = await run("wrk", ["-t1", `-c${WRK_CONNECTIONS}`, `-d${WRK_SECONDS}s`, "--latency", "-H", `Cookie: ${cookie}`, `${instance.endpoints.http}${PATH}`]);
	if (/Non-2xx|Socket errors/.test(stdout)) throw new Error(stdout);
	const [, value, unit] = stdout.match(/99%\s+([\d.]+)(us|ms|s)/);
	late.push(Number(value) * { us: 0.001, ms: 1, s: 1000 }[unit]);
	rates.push(Number(stdout.match(/Requests\/sec:\s+([\d.]+)/)[1]));
}
result("page.p99_ms", median(late).toFixed(1), "ms");
remark(`${WRK_CONNECTIONS} connections, median of ${WRK_ROUNDS} rounds of ${WRK_SECONDS} s (${late.map((one) => one.toFixed(1)).join(" ")}); ${median(rates).toFixed(0)} pages a second`);
process.exit(0);
