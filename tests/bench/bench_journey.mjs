// Whole registrations through HTTPS, many at a time, with stand-ins that answer at once: from the front page to 实名成功, every
// message to the carrier accepted. The rate counts until the last card of the last application is done.
import { importCars } from "../web/cars.mjs";
import { Instance, journey, until } from "../web/client.mjs";
import { remark, result } from "./measure.mjs";

const JOURNEYS = 120, PARALLEL = 12;

const instance = Instance.shared();
const cars = await importCars(instance, JOURNEYS + 1);
const finished = (numbers) => {
	const list = numbers.map((number) => `'${number}'`).join(",");
	return Number(instance.value(`SELECT count(*) FROM application a JOIN application_card ac ON ac.application_id = a.id WHERE a.number IN (${list}) AND ac.state = 'done'`));
};
const one = async (car) => {
	const visitor = await journey(instance, car);
	visitor.close();
	return visitor.application;
};

const first = [await one(cars.pop())]; // plans and caches
await until("the first registration is done", () => finished(first) === 1, 60);
const numbers = [], start = process.hrtime.bigint();
await Promise.all(Array.from({ length: PARALLEL }, async () => {
	for (let car; (car = cars.pop()); ) numbers.push(await one(car));
}));
const submitted = Number(process.hrtime.bigint() - start) / 1e9;
await until("every registration is done", () => finished(numbers) === JOURNEYS, 120);
const seconds = Number(process.hrtime.bigint() - start) / 1e9;
result("journey.per_s", (JOURNEYS / seconds).toFixed(2), "1/s");
remark(`${JOURNEYS} registrations by ${PARALLEL} visitors at a time in ${seconds.toFixed(1)} s; the last was submitted after ${submitted.toFixed(1)} s`);
