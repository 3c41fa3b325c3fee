// Two minutes before the session ends a dialog says so, and one tap lengthens it. The server is asked before anything is said: another
// tab may have lengthened it, and a phone's clock stands still while it sleeps. Asking lengthens nothing.
guard(() => {
	const box = one('[data-keep]');
	if (!box || !window.fetch)
		return;
	const dialog = one('dialog', box), words = dialog.dataset, form = one('form', box);
	const text = one('#keep-text', dialog), problem = one('.error', dialog), more = one('[data-more]', dialog), close = one('[data-close]', dialog);
	let end = Date.now() + box.dataset.left * 1000, last = 'last' in box.dataset;
	let state = '', asked = 0, answered = false, csrf = form ? form.elements.csrf.value : '';

	const talk = (body) => fetch('/session', { method: body ? 'POST' : 'GET', body, headers: { Accept: 'application/json' }, credentials: 'same-origin', cache: 'no-store' }).then((answer) => {
		if (!answer.ok)
			throw answer;
		return answer.json();
	}).then((data) => {
		const mine = data[box.dataset.keep] || [0, last];
		csrf = data.csrf;
		end = Date.now() + mine[0] * 1000;
		last = !!mine[1];
		show(form, !last);
		if (mine[2])
			one('[data-until]', box).textContent = mine[2];
	});
	// '': closed, 'later': put away until it is over.
	const turn = (to) => {
		if (to === state || (state === 'later' && to === 'soon'))
			return;
		state = to;
		if (to === 'over')
			document.dispatchEvent(new Event('timeover'));
		show(dialog, to === 'soon' || to === 'over');
		if (dialog.hidden)
			return dialog.close && dialog.close();
		dialog.classList.toggle('over', to === 'over');
		one('h2', dialog).textContent = to === 'over' ? words.ended : words.soon;
		show(problem, false);
		show(more, to === 'soon' && !last);
		show(close, to === 'soon' && last);
		show(one('a', dialog), to === 'over');
		if (dialog.showModal && !dialog.open)
			dialog.showModal();
		one('.btn:not([hidden])', dialog).focus();
	};
	const tell = () => {
		const left = Math.ceil((end - Date.now()) / 15000) * 15, minutes = Math.floor(left / 60), seconds = left % 60;
		const rest = (minutes ? words.minutes.replace('{n}', minutes) : '') + (seconds ? words.seconds.replace('{n}', seconds) : '');
		turn(left > 120 ? '' : left > 0 ? 'soon' : 'over');
		const now = state === 'over' ? (last && words.gone) || words.over : words[last ? 'final' : 'warn'].replace('{t}', rest);
		if (text.textContent !== now)
			text.textContent = now;
	};
	const heard = () => {
		answered = true;
		tell();
	};
	const look = (again) => {
		const now = Date.now(), left = end - now;
		if (document.hidden || (recording && left > 0))
			return;
		if (left > 120000) {
			answered = false;
			return turn('');
		}
		if (again === true || (state !== 'over' && (now - asked >= 15000 || (left <= 0 && asked < end)))) {
			asked = now;
			talk().then(heard, heard);
			setTimeout(heard, 3000); // no answer either: by this clock
		} else if (answered) {
			tell();
		}
	};
	const extend = () => talk(new URLSearchParams({ csrf }));
	more.addEventListener('click', () => {
		// Once more with a new token: another tab may have changed the session.
		extend().catch(() => talk().then(extend)).then(tell).catch(() => {
			problem.textContent = words.fail;
			show(problem, true);
		});
	});
	close.addEventListener('click', () => turn('later'));
	dialog.addEventListener('cancel', (event) => {
		event.preventDefault();
		if (state === 'soon')
			turn('later');
	});
	setInterval(look, 1000);
	document.addEventListener('visibilitychange', () => look(true));
	['pageshow', 'focus'].forEach((name) => window.addEventListener(name, () => look(true)));
});
