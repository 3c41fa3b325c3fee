// Large text is switched in the page itself: nothing that was typed is lost.
guard(() => {
	const link = one('[data-mode-link]');
	link.addEventListener('click', (event) => {
		const body = document.body, on = body.dataset.mode !== 'care';
		event.preventDefault();
		fetch(link.href, { headers: { Accept: 'application/json' }, credentials: 'same-origin' }).then((answer) => {
			if (!answer.ok)
				throw answer;
			body.dataset.mode = on ? 'care' : '';
			link.href = link.href.replace(/care\/\w+/, on ? 'care/off' : 'care/on');
			link.textContent = on ? link.dataset.textOff : link.dataset.textOn;
		}).catch(() => location.assign(link.href));
	});
});

// The summary of errors gets the focus; its links move it to the field.
guard(() => {
	const summary = one('#summary');
	if (!summary)
		return;
	summary.focus();
	// Back and reload ask for the page, instead of the browser's own question about sending the form again.
	const to = new URL(one('[data-mode-link]').href).searchParams.get('to');
	history.replaceState(null, '', to === location.pathname ? here() : to);
	summary.addEventListener('click', (event) => {
		const link = event.target.closest('a[href^="#"]');
		const field = link && document.getElementById(link.getAttribute('href').slice(1));
		if (!field)
			return;
		const label = one('label[for="' + field.id + '"]') || field.closest('.field') || field;
		event.preventDefault();
		label.scrollIntoView();
		field.focus({ preventScroll: true });
	});
});

// The key that a phone calls "next" goes to the next field: some send the form instead.
guard(() => document.addEventListener('keydown', (event) => {
	const field = event.target, form = field.form;
	if (event.key !== 'Enter' || event.isComposing || event.keyCode === 229 || !form || field.getAttribute('enterkeyhint') !== 'next')
		return;
	const fields = all('input, textarea', form).filter((one) => one.type !== 'checkbox' && one.type !== 'radio' && one.offsetParent);
	const next = fields[fields.indexOf(field) + 1];
	if (!next)
		return;
	event.preventDefault();
	next.focus();
}));

// A second tap does not send again. A page that comes back from the browser's memory starts afresh.
guard(() => {
	const reset = () => all('form[data-sent]').forEach((form) => {
		form.removeAttribute('data-sent');
		all('button', form).forEach((button) => button.removeAttribute('aria-disabled'));
	});
	document.addEventListener('submit', (event) => {
		const form = event.target;
		if (event.defaultPrevented)
			return;
		if (form.hasAttribute('data-sent')) {
			event.preventDefault();
			return;
		}
		form.setAttribute('data-sent', '');
		all('button', form).forEach((button) => button.setAttribute('aria-disabled', 'true'));
		setTimeout(reset, 15000);
	});
	window.addEventListener('pageshow', (event) => {
		if (event.persisted)
			reset();
	});
});

// When the SMS may be sent again: counted from the server's time, so leaving to read the SMS neither stops nor restarts it.
// A phone whose clock is wrong waits no longer than the pause.
guard(() => {
	const box = one('[data-resend-at]');
	const wait = box && one('[data-resend-wait]', box);
	const form = box && one('form', box);
	if (!wait || !form)
		return;
	const pause = Number(box.dataset.pause);
	const at = Math.min(Number(box.dataset.resendAt), Date.now() / 1000 + pause + 1);
	const tick = () => {
		const left = Math.min(Math.ceil(at - Date.now() / 1000), pause);
		show(form, left <= 0);
		show(wait, left > 0);
		wait.textContent = box.dataset.text.replace('{s}', left);
		if (left <= 0)
			clearInterval(timer);
	};
	const timer = setInterval(tick, 1000);
	document.addEventListener('visibilitychange', tick);
	window.addEventListener('pageshow', tick);
	tick();
});

// A waiting page asks quietly whether the answer is there, every 2 seconds at first, then every 5.
guard(() => {
	const main = one('main[data-wait]');
	if (!main || !window.fetch)
		return;
	// A batch tells how far it is: the numbers change in place, every 2 seconds.
	const count = (counts) => {
		Object.keys(counts).forEach((name) => {
			const at = one('[data-count="' + name + '"]');
			if (at)
				at.textContent = counts[name];
		});
		return 1700;
	};
	// What is typed, recorded or on its way to the server is not taken away.
	const busy = () => recording || one('form[data-sent], [data-going]:not([hidden]) progress:not([hidden])') || all('input, textarea', main).some((input) => !/hidden|checkbox|radio|file/.test(input.type) && input.value !== input.defaultValue);
	let pause = Math.max(2, Number(main.dataset.wait) || 2) * 1000;
	const again = () => {
		setTimeout(ask, pause);
		pause = Math.min(pause * 1.2, 5000);
	};
	// A code page only tells what became of the SMS: the field stays under the fingers.
	const news = one('[data-news]', main);
	const ask = () => {
		if (document.hidden || (news ? one('form[data-sent]') : busy()))
			return again();
		const leave = (url) => busy() ? again() : go(url);
		const tell = () => fetch(here(), { credentials: 'same-origin', cache: 'no-store' }).then((page) => !page.ok ? again() : page.redirected ? leave() : page.text().then((text) => {
			const told = one('[data-news]', new DOMParser().parseFromString(text, 'text/html'));
			if (!told)
				return leave();
			news.innerHTML = told.innerHTML;
		}));
		const on = (url) => news && !url ? tell() : leave(url);
		fetch(here(), { headers: { Accept: 'application/json' }, credentials: 'same-origin', cache: 'no-store' }).then((answer) => {
			if (answer.status >= 500 || answer.status === 429)
				return again();
			return answer.json().then((data) => (pause = data.counts ? count(data.counts) : pause, data.waiting) ? again() : on(data.location), () => on());
		}).catch(again);
	};
	again();
});

// In-app browsers on iOS leave a blank band where the keyboard was, until the page is scrolled.
guard(() => document.addEventListener('focusout', () => setTimeout(() => window.scrollTo(window.pageXOffset, window.pageYOffset), 100)));

guard(() => all('[data-print]').forEach((button) => {
	show(button, true);
	button.addEventListener('click', () => window.print());
}));
