// Double submits: drafts at the check page, each posted twice at the same moment over two connections that are open already, and what
// became of them.
import { importCars } from "./cars.mjs";
import { journey, until } from "./client.mjs";

// PREPARED journeys at a time until the drafts stand at the check page; then PAIRS double submits at a time.
const PREPARED = 12, PAIRS = 100;

async function each(items, parallel, act) {
	const left = [...items];
	await Promise.all(Array.from({ length: parallel }, async () => {
		for (let item; (item = left.shift()) !== undefined; ) await act(item);
	}));
}

export async function draftsAtCheck(instance, count) {
	const visitors = [];
	const cars = await importCars(instance, count);
	// Each from an address of its own, as people come.
	await each([...cars.keys()], PREPARED, async (i) => visitors.push(await journey(instance, cars[i], { stop: "check", localAddress: `127.${1 + (i >> 8)}.${i & 255}.1` })));
	return visitors;
}

// Both answers of a pair, and where a browser ends up after each.
async function pair(visitor) {
	const token = visitor.page.value("token"), press = () => visitor.send("/register/check", { token });
	const answers = await Promise.all([press(), press()]);
	const pages = await Promise.all(answers.map((answer) => visitor.follow(answer)));
	return { visitor, statuses: answers.map((one) => one.status), ends: pages.map((page) => `${page.status} ${page.path} ${page.text.match(/受理编号\s*([0-9A-Za-z]+)/)?.[1]}`) };
}

export async function submitTwice(visitors) {
	const results = [];
	for (let at = 0; at < visitors.length; at += PAIRS) {
		const wave = visitors.slice(at, at + PAIRS);
		// Each gets two connections of its own first, so that neither press waits for a handshake.
		wave.forEach((visitor) => visitor.connect()); // the ones before may be too old
		await Promise.all(wave.flatMap((visitor) => [visitor, visitor]).map((visitor) => visitor.request("GET", "/register/check")));
		results.push(...(await Promise.all(wave.map(pair))));
		wave.forEach((visitor) => visitor.close());
	}
	return results;
}

// Per car: applications, submissions on record, cards under way or done, messages prepared. In the order of the VINs.
export function outcome(instance, visitors) {
	const list = visitors.map((visitor) => `'${visitor.car.vin}'`).join(",");
	return instance.sql(`SELECT v.vin, count(DISTINCT a.id), count(DISTINCT a.id) FILTER (WHERE a.submitted_at IS NOT NULL),
		(SELECT count(*) FROM audit u JOIN application b ON b.id = u.application_id WHERE b.vehicle_id = v.id AND u.action = 'application.submitted'),
		count(DISTINCT ac.id) FILTER (WHERE ac.state = 'done'), count(DISTINCT m.id)
		FROM vehicle v JOIN application a ON a.vehicle_id = v.id JOIN application_card ac ON ac.application_id = a.id LEFT JOIN t1_message m ON m.application_card_id = ac.id
		WHERE v.vin IN (${list}) GROUP BY v.id ORDER BY v.vin`).map(([vin, ...counts]) => ({ vin, counts: counts.map(Number) }));
}

// The kinds of the messages that the carrier accepted, a list for each card, when every card is done.
export async function delivered(instance, visitors, seconds) {
	const iccids = new Set(visitors.flatMap((visitor) => visitor.car.cards.map((card) => card.iccid)));
	const done = () => Number(instance.value(`SELECT count(*) FROM application_card ac JOIN card c ON c.id = ac.card_id WHERE ac.state = 'done' AND c.iccid IN (${[...iccids].map((one) => `'${one}'`).join(",")})`));
	await until(`${iccids.size} cards done`, () => done() >= iccids.size, seconds);
	const messages = new Map([...iccids].map((iccid) => [iccid, []]));
	for (const one of instance.accepted()) messages.get(one.ICCID)?.push(one.kind);
	return [...messages.values()];
}
