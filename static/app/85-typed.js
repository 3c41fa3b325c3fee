// What was typed and not sent outlives a pause, in this tab: kept when the time runs out or a form is sent, given back on the same page of
// the same draft (or sign-in), and gone with the next page of either. A new sign-in has pages of its own, and others may stand between it
// and the one that is meant: until then it waits, an hour at most. Never numbers, codes and consents: a phone may be shared.
guard(() => {
	const box = one('[data-keep]'), place = here().replace(/[?&]again=\d$/, ''), KEY = 'typed', HOUR = 3600000, main = one('main');
	const put = (what) => sessionStorage.setItem(KEY, JSON.stringify(what));
	const kept = JSON.parse(sessionStorage.getItem(KEY));
	if (!box)
		return kept && put(Object.assign(kept, { out: true }));
	const text = 'input[type=text]:not(.mono):not(.digits), textarea', own = box.dataset;
	const keep = (root) => guard(() => {
		const fields = all(text, root).map((field) => [field.id, field.value]).filter((pair) => pair[0] && pair[1]);
		if (fields.length)
			put({ whose: own.whose, draft: own.draft, at: place, since: Date.now(), fields });
	});
	main.addEventListener('submit', (event) => {
		keep(event.target);
		if (/\/leave$/.test(event.target.getAttribute('action')))
			sessionStorage.removeItem(KEY);
	});
	document.addEventListener('timeover', () => keep(main));
	if (!kept)
		return;
	const same = kept.whose === own.whose && (!own.draft || own.draft === kept.draft), back = same && kept.at === place;
	if (back || !same || !kept.out || Date.now() - kept.since > HOUR)
		sessionStorage.removeItem(KEY);
	if (back && !one('.summary'))
		kept.fields.forEach((pair) => {
			const field = document.getElementById(pair[0]);
			if (field && field.matches(text))
				field.value = pair[1];
		});
});
