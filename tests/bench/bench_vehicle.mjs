// Whether the time of an answer tells if a car is known: an unknown VIN and a wrong proof for a known one, by turns in random
// order, each VIN with the same number of tries. The ratio of the medians should be 1; z is that of the sign test (beyond 3 in
// several runs: the times differ).
import { randomInt } from "node:crypto";

import { importCars, newVin } from "../web/cars.mjs";
import { Instance, Visitor } from "../web/client.mjs";
import { median, remark, result } from "./measure.mjs";

const CARS = 60, TRIES = 12;

// The sign test on the pairs, as a normal deviate: a pair was asked within milliseconds, so the machine's moods fall out.
function signs(one, other) {
	const greater = one.filter((value, i) => value > other[i]).length, n = one.length;
	return (greater - n / 2) / Math.sqrt(n / 4);
}

const instance = Instance.shared();
const known = (await importCars(instance, CARS)).map((car) => car.vin), unknown = Array.from({ length: CARS }, newVin);
const visitor = new Visitor(instance, { plain: true });
await visitor.begin();
await visitor.get("/register/vehicle");

async function time(vin) {
	const proof = String(randomInt(1e6)).padStart(6, "0"), start = process.hrtime.bigint();
	const page = await visitor.send("/register/vehicle", { vin, proof });
	const microseconds = Number(process.hrtime.bigint() - start) / 1000;
	if (page.status !== 422 || !page.error("proof")) throw new Error(`not refused: ${page.status}`);
	texts.add(page.error("proof").replaceAll(/\d+/g, "N")); // the tries that are left
	return microseconds;
}

const texts = new Set(), times = { known: [], unknown: [] };
for (let round = 0; round < TRIES; round++) {
	for (let i = 0; i < CARS; i++) {
		const order = randomInt(2) ? ["known", "unknown"] : ["unknown", "known"];
		for (const kind of order) times[kind].push(await time(kind === "known" ? known[i] : unknown[i]));
	}
}
visitor.close();
if (texts.size !== 1) throw new Error(`the answers differ: ${[...texts]}`);
result("vehicle.timing_ratio", (median(times.unknown) / median(times.known)).toFixed(3), "ratio");
remark(`unknown VIN ${median(times.unknown).toFixed(0)} us, wrong proof ${median(times.known).toFixed(0)} us (medians of ${times.known.length} each); sign test of the pairs z = ${signs(times.unknown, times.known).toFixed(2)}`);
