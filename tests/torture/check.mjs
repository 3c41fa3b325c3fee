// What must hold at the end (none lost, none twice, in order, within limits, alive), found from the histories of both sides: what was
// acknowledged and written here, what the carrier and the other services got. Every violation: {invariant, kind, what, at}.

import { FILE_CHECKS, readFiles } from "./check_files.mjs";

const number = (text) => Number(text);

async function readDatabase(t) {
	const messages = new Map();
	for (const [id, request, kind, sequence, oper, state, iccid, application, cardState, created, attempts, done, job, told] of await t.sql(`SELECT m.id, m.request_id, m.kind, m.sequence, coalesce(m.oper_type, ''),
			m.state, c.iccid, a.number, ac.state, extract(epoch FROM m.created_at), (SELECT count(*) FROM t1_attempt x WHERE x.message_id = m.id),
			(SELECT count(*) FROM t1_attempt x WHERE x.message_id = m.id AND x.outcome = 'done'), (SELECT count(*) FROM job j WHERE j.kind = 't1_send' AND j.subject = m.id), m.result IS NOT NULL
			FROM t1_message m JOIN card c ON c.id = m.card_id JOIN application_card ac ON ac.id = m.application_card_id JOIN application a ON a.id = ac.application_id`))
		messages.set(request, { id, request, kind, sequence: number(sequence), oper, state, iccid, application, cardState, created: number(created), attempts: number(attempts), done: number(done), job: number(job), told: told === "t" });
	const applications = new Map();
	for (const [name, kind, submitted, states, ended] of await t.sql(`SELECT a.number, a.kind, extract(epoch FROM a.submitted_at), string_agg(ac.state, ',' ORDER BY ac.card_id), max(extract(epoch FROM ac.state_at))
			FROM application a JOIN application_card ac ON ac.application_id = a.id WHERE a.submitted_at IS NOT NULL GROUP BY a.id`))
		applications.set(name, { number: name, kind, submitted: number(submitted), states: states.split(","), ended: number(ended) });
	return { messages, applications };
}

// I1: what was answered with 已受理, or committed, is there and has come to its end; what the carrier took we know, and the other way round.
function lost({ t, messages, applications, accepted }) {
	const found = [], taken = new Map(accepted.map((line) => [line.RequestID, line.time]));
	for (const one of t.submitted) {
		const a = applications.get(one.number);
		if (!a) found.push({ what: `application ${one.number} was acknowledged and is not there`, at: one.at });
		else if (a.states.some((state) => !["done", "refused"].includes(state))) found.push({ what: `application ${one.number} has not come to its end: ${a.states}`, at: one.at });
	}
	for (const m of messages.values()) {
		if (m.state === "done" && !taken.has(m.request)) found.push({ what: `message ${m.request} is done and the carrier never took it`, at: m.created });
		if (["waiting", "sent", "accepted"].includes(m.state)) found.push({ what: `message ${m.request} is ${m.state}${m.job ? "" : " and has no job"}`, at: m.created });
	}
	for (const [request, at] of taken) if (messages.get(request)?.state !== "done") found.push({ what: `the carrier took ${request}, which is ${messages.get(request)?.state ?? "not known"} here`, at });
	return found;
}

async function untold({ t }) {
	const rows = await t.sql(`SELECT a.number, extract(epoch FROM max(ac.state_at)), (SELECT string_agg(s.template || ' ' || s.state, ', ') FROM sms_message s WHERE s.application_id = a.id AND s.template ~ '_(ok|refused)$')
		FROM application a JOIN application_card ac ON ac.application_id = a.id WHERE a.submitted_at IS NOT NULL GROUP BY a.id HAVING bool_and(ac.state IN ('done', 'refused'))`);
	return rows.filter(([, , told]) => !/^\w+ sent$/.test(told)).map(([name, at, told]) => ({ what: `the result of ${name} was told: ${told || "never"}`, at: number(at) }));
}

// I2: one effect for each RequestID, one body; one attempt that ended well; registrations begin and end once.
function doubled({ messages, accepted, received }) {
	const found = [], seen = new Set(), bodies = new Map();
	for (const line of accepted) {
		if (seen.has(line.RequestID)) found.push({ what: `the carrier took ${line.RequestID} twice`, at: line.time });
		seen.add(line.RequestID);
	}
	for (const m of received) {
		const request = m.body && /"RequestID":"(\w+)"/.exec(m.body)?.[1];
		if (!request) continue;
		if (bodies.has(request) && bodies.get(request) !== m.body) found.push({ what: `${request} came with another body`, at: m.time });
		bodies.set(request, m.body);
	}
	// A result that was told is enough: the answer before it may never have been heard.
	for (const m of messages.values()) if (m.state === "done" && m.done !== 1 && !(m.told && m.done === 0)) found.push({ what: `message ${m.request} has ${m.done} attempts that ended well`, at: m.created });
	return found;
}
async function registeredTwice({ t }) {
	const cards = await t.sql(`SELECT c.iccid, (SELECT count(*) FROM registration g WHERE g.card_id = c.id), (SELECT count(*) FROM registration g WHERE g.card_id = c.id AND g.ended_at IS NOT NULL),
		count(*) FILTER (WHERE a.kind = 'register'), count(*) FILTER (WHERE a.kind = 'cancel'), extract(epoch FROM max(ac.state_at))
		FROM card c JOIN application_card ac ON ac.card_id = c.id AND ac.state = 'done' JOIN application a ON a.id = ac.application_id GROUP BY c.id`);
	const jobs = await t.sql("SELECT subject, count(*), extract(epoch FROM max(finished_at)) FROM job_done WHERE outcome = 'done' GROUP BY kind, subject HAVING count(*) > 1");
	return [
		...cards.filter(([, begun, ended, registered, cancelled]) => begun !== registered || ended !== cancelled).map(([iccid, begun, ended, registered, cancelled, at]) => ({ what: `card ${iccid}: ${registered} registrations and ${cancelled} cancellations were done, ${begun} began and ${ended} ended`, at: number(at) })),
		...jobs.map(([subject, count, at]) => ({ what: `the job of ${subject} was done ${count} times`, at: number(at) })),
	];
}

// I3: each card's messages came to the carrier in the order in which they were written, on the wire and in effect.
function disordered({ messages, accepted, received }) {
	const found = [];
	for (const [name, lines] of [["took", accepted], ["got", received]]) {
		const last = new Map();
		for (const line of lines) {
			const m = messages.get(line.RequestID ?? /"RequestID":"(\w+)"/.exec(line.body ?? "")?.[1]);
			if (!m) continue;
			const before = last.get(m.iccid);
			if (before && before.sequence > m.sequence) found.push({ what: `card ${m.iccid}: the carrier ${name} message ${m.sequence} (${m.kind} ${m.oper}) after message ${before.sequence} (${before.kind} ${before.oper})`, at: line.time });
			else last.set(m.iccid, m);
		}
	}
	return found;
}

// I5: retries are within their budget: a tenth of first attempts, so many a second, and what every process may save up.
async function overLimits({ t, messages, seconds }) {
	let first = 0, again = 0;
	for (const m of messages.values()) {
		first += m.attempts > 0;
		again += Math.max(0, m.attempts - 1);
	}
	const most = 0.1 * first + 2 * (seconds / t.scale + 10);
	return again > most ? [{ what: `${again} retries of ${first} messages in ${seconds.toFixed(0)} s, at most ${most.toFixed(0)}`, at: 0 }] : [];
}

// I8: the audit counts of applications are those of their rows.
async function unaudited({ t }) {
	return (await t.sql("SELECT number FROM application a WHERE audit_count <> (SELECT count(*) FROM audit u WHERE u.application_id = a.id)")).map(([name]) => ({ what: `the audit of ${name} is not whole`, at: 0 }));
}

const CHECKS = [
	["I1", "lost", lost], ["I1", "lost", untold],
	["I2", "doubled", doubled], ["I2", "doubled", registeredTwice],
	["I3", "out of order", disordered],
	["I5", "other", overLimits], ["I8", "other", unaudited],
	...FILE_CHECKS,
];

export async function check(t, seconds) {
	const facts = { t, seconds, ...(await readDatabase(t)), files: await readFiles(t), accepted: t.accepted, received: t.instance.received("carrier") }, found = [];
	for (const [invariant, kind, ask] of CHECKS) found.push(...(await ask(facts)).map((one) => ({ invariant, kind, ...one })));
	return { found, ...facts };
}
