// What faults are made of: waiting for the blow, rules of the proxy, signals. A load is what comes in meanwhile.
import { pause, until } from "./wait.mjs";

export { pause };

export class Missed extends Error {}

const SIGSTOP = 19;

// Waits for the blow; a breaker that is open, a link that is down or a process that is dead on another track may be in the way.
export const strikes = (t, what, ask, seconds = 15 + 105 * t.scale) => until(what, ask, seconds).catch((error) => {
	throw new Missed(error.message);
});
export const pick = (r, list) => list[Math.floor(r() * list.length)];
export const one = (list, r) => [pick(r, list)];
export const between = (r, low, high) => low + Math.floor(r() * (high - low + 1));

// ---- what comes in, and how it is seen that it goes on ----

export const messages = (count) => ({ come: (t) => t.load(count), goOn: (t) => t.progress() });
export const instructions = (count) => ({ come: (t) => t.calls.load(count), goOn: (t) => t.calls.load(1) });
export const files = (count) => ({ come: (t) => t.calls.load(count), goOn: (t) => t.carry() });

// A load comes in while something is done; it may have to wait for that, and is waited for after it.
export async function under(t, load, act) {
	const coming = load.come(t);
	coming.catch(() => {}); // told below
	await act();
	await coming;
}

// ---- links ----

// A rule of the proxy, until it has struck (and for `hold` leases after that).
export const link = (rule, { hold = 0, load = messages(2) } = {}) => async (t, r) => {
	const id = await t.links.add(typeof rule === "function" ? rule(t, r) : rule);
	await under(t, load, async () => {
		try {
			await strikes(t, "a connection to be struck", () => t.links.strikes(id) > 0);
			if (hold) await pause(hold * t.lease);
		} finally {
			await t.links.remove(id);
		}
	});
};
// up, down: bytes before a connection is cut.
export const on = (name, { load = messages(2), up = 900, down = 1200, slow = [2000, 40000] } = {}) => {
	const rule = (make, more) => link((t, r) => ({ link: name, ...make(t, r) }), { load, ...more });
	return {
		latency: rule((t, r) => ({ toxic: "latency", latency_ms: between(r, 1, Math.round(t.timeout / 8)), jitter_ms: between(r, 0, Math.round(t.timeout / 8)) })),
		slow: rule((t, r) => ({ toxic: "bandwidth", bytes_per_s: between(r, ...slow) }), { hold: 0.2 }),
		slow_close: rule((t, r) => ({ toxic: "slow_close", delay_ms: between(r, 1, t.timeout) })),
		blackhole: rule((t, r) => ({ toxic: "timeout", timeout_ms: between(r, 1, 2 * t.timeout), times: between(r, 1, 3) })),
		reset: rule((t, r) => ({ toxic: "reset_peer", after_ms: between(r, 0, 20), times: between(r, 1, 4) })),
		sliced: rule((t, r) => ({ toxic: "slicer", size: between(r, 1, 40), variation: 40, delay_ms: between(r, 0, 2), times: between(r, 1, 3) })),
		cut_up: rule((t, r) => ({ toxic: "limit_data", stream: "up", bytes: between(r, 0, up), times: between(r, 3, 8) })),
		cut_down: rule((t, r) => ({ toxic: "limit_data", stream: "down", bytes: between(r, 0, down), times: between(r, 3, 8) })),
	};
};
// Nobody listens: connections that are open end, new ones are refused.
export const down = (name, load = messages(2)) => async (t, r) => {
	const id = await t.links.add({ link: name, toxic: "down" });
	await under(t, load, async () => {
		try {
			await pause(between(r, 50, 400) * (t.scale * 20));
		} finally {
			await t.links.remove(id);
		}
	});
	await load.goOn(t);
};

// ---- processes ----

export const killedAt = (point, load = messages(2)) => async (t, r) => {
	const happened = t.crashAt(point, between(r, 1, 3));
	await under(t, load, async () => {
		try {
			await strikes(t, `a death at ${point}`, happened);
		} finally {
			t.forgetCrash(point);
		}
	});
	await load.goOn(t);
};
// For longer than what it holds is promised to it (ms): another has the job by then, and the late one must write nothing and send nothing.
export const stoppedAt = (point, load = messages(2), hold = (t) => 1.5 * t.lease) => async (t, r) => {
	const happened = t.crashAt(point, between(r, 1, 2), SIGSTOP);
	await under(t, load, async () => {
		try {
			await strikes(t, `a stop at ${point}`, happened);
			await pause(hold(t));
		} finally {
			t.forgetCrash(point);
			t.wake();
		}
	});
	await load.goOn(t);
};
export const partKilled = (program, which, load = messages(1)) => async (t, r) => {
	const { parent, workers } = t.part(program);
	if (!parent) throw new Missed(`${program} is not there`);
	await load.come(t);
	t.signal(which === "child" ? one(workers, r) : parent, "SIGKILL");
	await load.goOn(t);
};
