/* That the sandbox forbids: each deed is tried by a forked child after sandbox_enter. */
#include "image/sandbox.h"
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* How a child ends that enters the sandbox and does deed: its wait status. Exit status 99: no sandbox. */
static int end_of(int (*deed)(void))
{
	int status = 0;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		if (sandbox_enter() != ST_OK)
			_exit(99);
		_exit(deed());
	}
	CHECK(pid > 0 && waitpid(pid, &status, 0) == pid);
	return status;
}

static int do_open(void)
{
	return open("/etc/passwd", O_RDONLY) >= 0;
}

static int do_socket(void)
{
	return socket(AF_INET, SOCK_STREAM, 0) >= 0;
}

static int do_unix_socket(void)
{
	return socket(AF_UNIX, SOCK_STREAM, 0) >= 0;
}

static int do_exec(void)
{
	char *argv[] = {NULL};

	return execve("/bin/true", argv, argv);
}

static int do_fork(void)
{
	return fork() == 0;
}

static int do_kill(void)
{
	return kill(getppid(), 0);
}

static int do_ptrace(void)
{
	return (int)ptrace(PTRACE_TRACEME, 0, NULL, NULL);
}

static int do_prctl(void)
{
	return prctl(PR_SET_DUMPABLE, 1);
}

static int do_unlink(void)
{
	return unlink("/tmp/nothing-of-this-name");
}

static int do_dup(void)
{
	return dup(0);
}

static int do_read_of_output(void)
{
	char c;

	return (int)read(STDOUT_FILENO, &c, 1);
}

static int do_write_elsewhere(void)
{
	return (int)write(7, "x", 1);
}

static int do_map_code(void)
{
	return mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED;
}

static int do_map_file(void)
{
	return mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, 0, 0) != MAP_FAILED;
}

static void test_forbidden_deeds_kill(void)
{
	static const struct {
		const char *name;
		int (*deed)(void);
	} deeds[] = {
		{"open", do_open},
		{"socket", do_socket},
		{"unix socket", do_unix_socket},
		{"execve", do_exec},
		{"fork", do_fork},
		{"kill", do_kill},
		{"ptrace", do_ptrace},
		{"prctl", do_prctl},
		{"unlink", do_unlink},
		{"dup", do_dup},
		{"read of 1", do_read_of_output},
		{"write to 7", do_write_elsewhere},
		{"map code", do_map_code},
		{"map file", do_map_file},
	};

	for (size_t i = 0; i < sizeof(deeds) / sizeof(deeds[0]); i++) {
		int status = end_of(deeds[i].deed);

		if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGSYS)
			printf("# %s is not killed\n", deeds[i].name);
		CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS);
		CHECK(!WCOREDUMP(status));
	}
}

static int use_memory(void)
{
	size_t size = 64u << 20;
	char *block = malloc(size), *more;

	if (!block)
		return 1;
	memset(block, 1, size);
	more = realloc(block, size * 2);
	if (!more)
		return 2;
	more[size * 2 - 1] = 1;
	free(more);
	return 0;
}

static void test_memory_can_be_used(void)
{
	int status = end_of(use_memory);

	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static int use_too_much_memory(void)
{
	void *volatile block = malloc((size_t)800 << 20);

	return block != NULL;
}

static void test_memory_is_limited(void)
{
#if defined(__SANITIZE_ADDRESS__)
	(void)use_too_much_memory; /* address sanitizer needs more addresses than the limit gives */
#else
	int status = end_of(use_too_much_memory);

	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
#endif
}

static bool status_has(const char *text, const char *line)
{
	return strstr(text, line) != NULL;
}

static void read_proc(pid_t pid, const char *what, char *out, size_t size)
{
	char path[64];
	int fd;
	ssize_t got = 0;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, what);
	fd = open(path, O_RDONLY);
	if (fd >= 0)
		got = read(fd, out, size - 1);
	CHECK(got > 0);
	out[got > 0 ? got : 0] = '\0';
	close(fd);
}

/* Looks at a child that sits in the sandbox: it says "ready" on its output and then reads its input. */
static void test_seen_from_outside(void)
{
	int in[2], out[2], secret[2], status;
	char text[8192], c = 0;
	pid_t pid;

	CHECK(pipe(in) == 0 && pipe(out) == 0 && pipe(secret) == 0);
	pid = fork();
	if (pid == 0) {
		dup2(in[0], STDIN_FILENO);
		dup2(out[1], STDOUT_FILENO);
		if (sandbox_enter() != ST_OK || write(STDOUT_FILENO, "r", 1) != 1)
			_exit(99);
		_exit(read(STDIN_FILENO, &c, 1) == 1 ? 0 : 1);
	}
	close(secret[1]);
	CHECK(read(out[0], &c, 1) == 1 && c == 'r');
	/* The child had a copy of the writing end: end of file shows that it is closed there. */
	CHECK(read(secret[0], &c, 1) == 0);
	read_proc(pid, "status", text, sizeof(text));
	CHECK(status_has(text, "Seccomp:\t2"));
	CHECK(status_has(text, "NoNewPrivs:\t1"));
	read_proc(pid, "limits", text, sizeof(text));
	CHECK(status_has(text, "Max cpu time              20                   20"));
	CHECK(status_has(text, "Max open files            3                    3"));
	CHECK(status_has(text, "Max core file size        0                    0"));
#if !defined(__SANITIZE_ADDRESS__)
	CHECK(status_has(text, "Max address space         805306368            805306368"));
#endif
	CHECK(write(in[1], "x", 1) == 1);
	CHECK(waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0);
	close(in[0]);
	close(in[1]);
	close(out[0]);
	close(out[1]);
	close(secret[0]);
}

/* The sandbox of a program that draws text: fonts can be opened, other files cannot, nothing can be written or called. */
static int do_open_fonts(void)
{
	int font = open("/etc/fonts/fonts.conf", O_RDONLY), other = open("/etc/passwd", O_RDONLY), self = open("/proc/self/status", O_RDONLY);

	return font >= 0 && other < 0 && errno == EACCES && self < 0 ? 0 : 1;
}

static bool refused(int result)
{
	return result == -1 && errno == EACCES;
}

/* A cache that is older than the fonts is not made anew, and that is no reason to die. */
static int do_write_font_cache(void)
{
	static const char file[] = "/var/cache/fontconfig/new", folder[] = "/var/cache/fontconfig";
	bool opened = !refused(open(file, O_RDWR)) || !refused(open(file, O_WRONLY | O_TRUNC)) || !refused(open(file, O_WRONLY | O_CREAT, 0600)) ||
		      !refused(open(file, O_RDONLY | O_CREAT, 0600));

	return !opened && refused(mkdir(file, 0700)) && refused(link(folder, file)) && refused(rename(file, folder)) && refused(unlink(file)) &&
			       refused(rmdir(folder)) && refused(chmod(folder, 0777))
		       ? 0
		       : 1;
}

static int end_with_fonts(int (*deed)(void))
{
	int status = 0;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		if (sandbox_enter_fonts() != ST_OK)
			_exit(99);
		_exit(deed());
	}
	CHECK(pid > 0 && waitpid(pid, &status, 0) == pid);
	return status;
}

static void test_fonts_and_nothing_else(void)
{
	static int (*const forbidden[])(void) = {do_socket, do_unix_socket, do_exec, do_fork};
	int status = end_with_fonts(do_open_fonts);

	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	status = end_with_fonts(do_write_font_cache);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	for (size_t i = 0; i < sizeof forbidden / sizeof *forbidden; i++) {
		status = end_with_fonts(forbidden[i]);
		CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS);
	}
}

int main(void)
{
	RUN(test_fonts_and_nothing_else);
	RUN(test_forbidden_deeds_kill);
	RUN(test_memory_can_be_used);
	RUN(test_memory_is_limited);
	RUN(test_seen_from_outside);
	return test_failures;
}
