/* Stands between two parts, on loopback or unix sockets, and does to their connections what its script says: the ways in which a network
 * fails. What it did is in DIR/history.jsonl. One thread; knows nothing of what the bytes mean. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "options.h"
#include "port.h"
#include "proxy_flow.h"
#include "record.h"

#define LINKS_MAX 8
#define EVENTS_MAX 64

struct link {
	char name[RULE_NAME], listen[108], target[108]; /* HOST:PORT, or the path of a unix socket */
	int fd;                                         /* -1 while it is down */
};

static struct {
	struct link links[LINKS_MAX];
	int count;
	struct rules rules;
	struct record *history;
	struct connection *connections;
	uint64_t numbers;
	int poll, watch, signals;
	char script[4096];
} proxy;

static int64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* ---- history ---- */

static cJSON *line_of(const char *event)
{
	cJSON *line = cJSON_CreateObject();
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	cJSON_AddNumberToObject(line, "time", (double)now.tv_sec + (double)(now.tv_nsec / 1000) / 1e6);
	cJSON_AddStringToObject(line, "event", event);
	return line;
}

static void write_line(cJSON *line)
{
	record_json(proxy.history, line);
	cJSON_Delete(line);
}

static cJSON *line_about(const char *event, const struct connection *c)
{
	cJSON *line = line_of(event);

	cJSON_AddStringToObject(line, "link", c->link);
	cJSON_AddNumberToObject(line, "connection", (double)c->number);
	cJSON_AddNumberToObject(line, "up", (double)c->flow[STREAM_UP].passed);
	cJSON_AddNumberToObject(line, "down", (double)c->flow[STREAM_DOWN].passed);
	return line;
}

static void struck(const struct connection *c, const struct rule *rule)
{
	cJSON *line = line_about("strike", c);

	cJSON_AddStringToObject(line, "id", rule->id);
	cJSON_AddStringToObject(line, "toxic", toxic_name(rule->toxic));
	write_line(line);
}

static void write_rules(void)
{
	cJSON *line = line_of("rules"), *ids = cJSON_AddArrayToObject(line, "ids");

	for (size_t i = 0; i < RULES_MAX; i++) {
		if (proxy.rules.rule[i].serial)
			cJSON_AddItemToArray(ids, cJSON_CreateString(proxy.rules.rule[i].id));
	}
	write_line(line);
}

/* ---- sockets ---- */

static bool unix_address(const char *path, struct sockaddr_un *out)
{
	*out = (struct sockaddr_un){.sun_family = AF_UNIX};
	if (strlen(path) >= sizeof(out->sun_path))
		return false;
	strcpy(out->sun_path, path);
	return true;
}

static int listen_at(const char *address)
{
	struct sockaddr_un path;
	int fd;

	if (address[0] != '/')
		return port_listen(address);
	if (!unix_address(address, &path))
		return -1;
	unlink(address);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && (bind(fd, (struct sockaddr *)&path, sizeof(path)) || listen(fd, SOMAXCONN))) {
		perror(address);
		close(fd);
		fd = -1;
	}
	return fd;
}

/* The way to the target is loopback: it is there at once, or nobody listens. */
static int connect_to(const char *address, bool *connecting)
{
	struct sockaddr_un path;
	struct sockaddr_in host = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	const char *colon = strrchr(address, ':');
	bool local = address[0] == '/';
	int fd = socket(local ? AF_UNIX : AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), result = -1;

	*connecting = false;
	if (fd >= 0 && local && unix_address(address, &path))
		result = connect(fd, (struct sockaddr *)&path, sizeof(path));
	if (fd >= 0 && !local && colon) {
		host.sin_port = htons((unsigned short)atoi(colon + 1));
		result = connect(fd, (struct sockaddr *)&host, sizeof(host));
		*connecting = result && errno == EINPROGRESS;
	}
	if (fd >= 0 && result && !*connecting) {
		close(fd);
		fd = -1;
	}
	return fd;
}

static void watch_fd(int fd, uint32_t events, void *what)
{
	struct epoll_event event = {.events = events, .data.ptr = what};

	if (epoll_ctl(proxy.poll, EPOLL_CTL_MOD, fd, &event) && epoll_ctl(proxy.poll, EPOLL_CTL_ADD, fd, &event))
		abort();
}

/* ---- connections ---- */

/* The two ends of a connection in epoll: its address, and the lowest bit for who serves. */
static void *end_of(struct connection *c, enum stream side)
{
	return (char *)c + side;
}

static void watch_connection(struct connection *c)
{
	for (enum stream side = STREAM_UP; side <= STREAM_DOWN; side++) {
		uint32_t events = (flow_wants_read(c, side) ? EPOLLIN : 0) | (flow_wants_write(c, side) ? EPOLLOUT : 0);

		if (events)
			watch_fd(c->fd[side], events, end_of(c, side));
		else /* the end of a side that was read already would be told without end */
			epoll_ctl(proxy.poll, EPOLL_CTL_DEL, c->fd[side], NULL);
	}
}

static void finish(struct connection *c)
{
	struct connection **at = &proxy.connections;
	cJSON *line = line_about("close", c);

	cJSON_AddStringToObject(line, "by", c->over);
	write_line(line);
	while (*at != c)
		at = &(*at)->next;
	*at = c->next;
	flow_close(c);
	free(c);
}

static void take_connection(const struct link *link)
{
	int client = accept4(link->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK), server;
	struct connection *c;
	bool connecting;

	if (client < 0)
		return;
	server = connect_to(link->target, &connecting);
	if (server < 0) {
		close(client);
		return;
	}
	c = calloc(1, sizeof(*c));
	if (!c)
		abort();
	*c = (struct connection){
		.next = proxy.connections, .number = ++proxy.numbers, .link = link->name, .fd = {client, server}, .connecting = connecting};
	proxy.connections = c;
	write_line(line_about("open", c));
	watch_connection(c);
}

static void serve_end(struct connection *c, enum stream side, uint32_t events)
{
	int error = 0;
	socklen_t length = sizeof(error);

	if (c->over)
		return;
	if (c->connecting && side == STREAM_DOWN && events & (EPOLLOUT | EPOLLERR | EPOLLHUP)) {
		c->connecting = false;
		if (getsockopt(c->fd[side], SOL_SOCKET, SO_ERROR, &error, &length) || error) {
			c->over = "server";
			c->reset = true;
		}
		return;
	}
	if (events & (EPOLLIN | EPOLLHUP | EPOLLERR) && flow_wants_read(c, side))
		flow_read(c, &proxy.rules, side, now_us(), struck);
	if (side == STREAM_DOWN && c->flow[side].ended && !c->left) {
		c->left = true; /* rules may keep this from the client for long */
		write_line(line_about("left", c));
	}
}

/* Passes on what can be passed on; milliseconds until there is more to do, -1 for none. */
static int serve_all(void)
{
	int64_t again = INT64_MAX, now = now_us();

	for (struct connection *c = proxy.connections, *next; c; c = next) {
		int64_t at = c->over ? INT64_MAX : flow_pump(c, &proxy.rules, now, struck);

		next = c->next;
		if (c->over) {
			finish(c);
			continue;
		}
		again = at < again ? at : again;
		watch_connection(c);
	}
	return again == INT64_MAX ? -1 : again <= now ? 0 : (int)((again - now + 999) / 1000);
}

/* ---- rules ---- */

static const struct rule *down_rule(const struct link *link)
{
	for (size_t i = 0; i < RULES_MAX; i++) {
		if (rule_is_for(&proxy.rules.rule[i], link->name) && proxy.rules.rule[i].toxic == TOXIC_DOWN)
			return &proxy.rules.rule[i];
	}
	return NULL;
}

static void take_down(struct link *link, const struct rule *rule)
{
	close(link->fd);
	link->fd = -1;
	for (struct connection *c = proxy.connections; c; c = c->next) {
		if (c->link != link->name || c->over)
			continue;
		struck(c, rule);
		c->over = "proxy";
		c->reset = true;
	}
}

static bool open_links(void)
{
	bool good = true;

	for (int i = 0; i < proxy.count; i++) {
		struct link *link = &proxy.links[i];
		const struct rule *rule = down_rule(link);

		if (rule && link->fd >= 0)
			take_down(link, rule);
		if (rule || link->fd >= 0)
			continue;
		link->fd = listen_at(link->listen);
		if (link->fd >= 0)
			watch_fd(link->fd, EPOLLIN, link);
		good = good && link->fd >= 0;
	}
	return good;
}

static void read_watch(void)
{
	char events[4096] __attribute__((aligned(__alignof__(struct inotify_event))));
	ssize_t n = read(proxy.watch, events, sizeof(events));
	bool script = false;

	for (ssize_t at = 0; at < n;) {
		const struct inotify_event *event = (const struct inotify_event *)(events + at);

		script |= event->len && strcmp(event->name, "script.json") == 0;
		at += (ssize_t)(sizeof(*event) + event->len);
	}
	if (!script || !rules_load(&proxy.rules, proxy.script))
		return;
	open_links();
	write_rules();
}

/* ---- start and loop ---- */

static bool copy_part(char *out, size_t room, const char *from, size_t n)
{
	if (n == 0 || n >= room)
		return false;
	memcpy(out, from, n);
	out[n] = '\0';
	return true;
}

/* NAME=LISTEN=TARGET */
static bool read_link(const char *text)
{
	struct link *link = &proxy.links[proxy.count];
	const char *first = strchr(text, '='), *second = first ? strchr(first + 1, '=') : NULL;

	if (!second || !copy_part(link->name, sizeof(link->name), text, (size_t)(first - text)) ||
	    !copy_part(link->listen, sizeof(link->listen), first + 1, (size_t)(second - first - 1)) ||
	    !copy_part(link->target, sizeof(link->target), second + 1, strlen(second + 1))) {
		fprintf(stderr, "--link %s: NAME=LISTEN=TARGET is needed\n", text);
		return false;
	}
	link->fd = -1;
	proxy.count++;
	return true;
}

static bool start(const char *dir)
{
	sigset_t signals;

	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	snprintf(proxy.script, sizeof(proxy.script), "%s/script.json", dir);
	proxy.history = record_open(dir, "history.jsonl");
	proxy.poll = epoll_create1(EPOLL_CLOEXEC);
	proxy.signals = signalfd(-1, &signals, SFD_CLOEXEC);
	proxy.watch = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (!proxy.history || proxy.poll < 0 || proxy.signals < 0 || proxy.watch < 0 ||
	    inotify_add_watch(proxy.watch, dir, IN_MOVED_TO | IN_CLOSE_WRITE | IN_DELETE) < 0) {
		perror(dir);
		return false;
	}
	watch_fd(proxy.watch, EPOLLIN, &proxy.watch);
	watch_fd(proxy.signals, EPOLLIN, &proxy.signals);
	if (!rules_load(&proxy.rules, proxy.script) || !open_links())
		return false;
	write_rules();
	printf("standin_proxy: %d links\n", proxy.count);
	fflush(stdout);
	return true;
}

static void run(void)
{
	struct epoll_event events[EVENTS_MAX];

	for (;;) {
		int n = epoll_wait(proxy.poll, events, EVENTS_MAX, serve_all());

		for (int i = 0; i < n; i++) {
			char *what = events[i].data.ptr;
			struct link *link = NULL;

			if (what == (char *)&proxy.signals)
				return;
			for (int l = 0; l < proxy.count; l++)
				link = what == (char *)&proxy.links[l] ? &proxy.links[l] : link;
			if (what == (char *)&proxy.watch)
				read_watch();
			else if (link)
				take_connection(link);
			else
				serve_end((struct connection *)(what - ((uintptr_t)what & 1)), (enum stream)((uintptr_t)what & 1),
					  events[i].events);
		}
	}
}

int main(int argc, char **argv)
{
	const char *dir = NULL, *links[LINKS_MAX] = {NULL};
	const struct option_spec specs[] = {{"--dir", true, 1, &dir}, {"--link", true, LINKS_MAX, links}};

	if (!options_parse(specs, sizeof(specs) / sizeof(*specs), argc, argv))
		return 2;
	for (int i = 0; i < LINKS_MAX && links[i]; i++) {
		if (!read_link(links[i]))
			return 2;
	}
	if (!start(dir))
		return 1;
	run();
	record_close(proxy.history);
	return 0;
}
