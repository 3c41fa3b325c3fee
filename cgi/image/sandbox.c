/* Limits, then a list of allowed system calls; what is not on the list kills. */
#include "image/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <seccomp.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MEMORY_MAX ((rlim_t)768 * 1024 * 1024)
#define CPU_SECONDS 20
#define FONT_FILES_MAX 64

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#else
#define SANITIZED 0
#endif

static const struct {
	int resource;
	rlim_t most;
} limits[] = {
	{RLIMIT_CORE, 0},
	{RLIMIT_CPU, CPU_SECONDS},
	{RLIMIT_NOFILE, 3},
#if !SANITIZED /* they reserve terabytes of addresses */
	{RLIMIT_AS, MEMORY_MAX},
#endif
};

/* Calls without conditions. The decoders need memory only; the rest is what the C library does on the way. */
static const int allowed[] = {
	SCMP_SYS(exit),     SCMP_SYS(exit_group),    SCMP_SYS(munmap),       SCMP_SYS(mremap), SCMP_SYS(brk),
	SCMP_SYS(madvise),  SCMP_SYS(futex),         SCMP_SYS(rt_sigreturn), SCMP_SYS(close),  SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(fstat),    SCMP_SYS(clock_gettime), SCMP_SYS(getrandom),
#if SANITIZED /* only to be able to report what they found */
	SCMP_SYS(mprotect), SCMP_SYS(sigaltstack),   SCMP_SYS(getpid),       SCMP_SYS(gettid), SCMP_SYS(sched_yield),
#endif
};

/* Reading standard input, writing the other two, private memory that cannot be executed. */
static int allow_with_conditions(scmp_filter_ctx filter)
{
	int rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(read), 1, SCMP_A0(SCMP_CMP_EQ, STDIN_FILENO));

	if (rc == 0)
		rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(write), 1, SCMP_A0(SCMP_CMP_EQ, STDOUT_FILENO));
	if (rc == 0)
		rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(write), 1, SCMP_A0(SCMP_CMP_EQ, STDERR_FILENO));
	if (rc == 0)
		rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 2, SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0),
				      SCMP_A3(SCMP_CMP_MASKED_EQ, MAP_ANONYMOUS, MAP_ANONYMOUS));
	return rc;
}

/* What reading of fonts takes. Files are limited by Landlock. */
static const int reading[] = {
	SCMP_SYS(read),   SCMP_SYS(pread64),   SCMP_SYS(lseek),    SCMP_SYS(newfstatat), SCMP_SYS(statx),  SCMP_SYS(fstatfs), SCMP_SYS(statfs),
	SCMP_SYS(access), SCMP_SYS(faccessat), SCMP_SYS(readlink), SCMP_SYS(getdents64), SCMP_SYS(fcntl),  SCMP_SYS(getpid),  SCMP_SYS(gettid),
	SCMP_SYS(uname),  SCMP_SYS(sysinfo),   SCMP_SYS(getuid),   SCMP_SYS(getcwd),     SCMP_SYS(sched_getaffinity), SCMP_SYS(fadvise64),
};

/* What fontconfig tries when its cache is older than the fonts, as in many container images: it reads the fonts themselves when it can't
 * write a newer one. */
static const int writing[] = {
	SCMP_SYS(mkdir), SCMP_SYS(mkdirat),  SCMP_SYS(link),   SCMP_SYS(linkat), SCMP_SYS(symlink),   SCMP_SYS(unlink), SCMP_SYS(unlinkat),
	SCMP_SYS(rename), SCMP_SYS(renameat), SCMP_SYS(rmdir), SCMP_SYS(chmod),  SCMP_SYS(utimensat), SCMP_SYS(umask),
};

static int refuse_writing(scmp_filter_ctx filter)
{
	static const int modes[] = {O_WRONLY, O_RDWR};
	uint32_t answer = SCMP_ACT_ERRNO(EACCES);
	int rc = seccomp_rule_add(filter, answer, SCMP_SYS(openat), 1, SCMP_A2(SCMP_CMP_MASKED_EQ, O_ACCMODE | O_CREAT, O_RDONLY | O_CREAT));

	for (size_t i = 0; rc == 0 && i < sizeof(modes) / sizeof(modes[0]); i++)
		rc = seccomp_rule_add(filter, answer, SCMP_SYS(openat), 1, SCMP_A2(SCMP_CMP_MASKED_EQ, O_ACCMODE, (scmp_datum_t)modes[i]));
	for (size_t i = 0; rc == 0 && i < sizeof(writing) / sizeof(writing[0]); i++)
		rc = seccomp_rule_add(filter, answer, writing[i], 0);
	return rc;
}

/* Files are opened for reading and mapped without execution; whoever aborts may say so. */
static int allow_fonts(scmp_filter_ctx filter, bool guarded)
{
	uint32_t answer = guarded ? SCMP_ACT_ALLOW : SCMP_ACT_ERRNO(EACCES);
	int rc = seccomp_rule_add(filter, answer, SCMP_SYS(openat), 1, SCMP_A2(SCMP_CMP_MASKED_EQ, O_ACCMODE | O_CREAT, O_RDONLY));

	for (size_t i = 0; rc == 0 && i < sizeof(reading) / sizeof(reading[0]); i++)
		rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, reading[i], 0);
	if (rc == 0)
		rc = refuse_writing(filter);
	if (rc == 0)
		rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1, SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
	if (rc == 0)
		rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1, SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
	if (rc == 0)
		rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1, SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid()));
	return rc;
}

static enum status load_filter(bool fonts, bool guarded)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
	enum status st = ST_OK;
	int rc = filter ? 0 : -ENOMEM;

	for (size_t i = 0; rc == 0 && i < sizeof(allowed) / sizeof(allowed[0]); i++)
		rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[i], 0);
	if (rc == 0)
		rc = fonts ? allow_fonts(filter, guarded) : 0;
	if (rc == 0)
		rc = allow_with_conditions(filter);
	if (rc == 0)
		rc = seccomp_load(filter);
	if (rc != 0)
		st = status_fail(ST_ERROR, "seccomp: %s", strerror(-rc));
	seccomp_release(filter);
	return st;
}

/* Where fonts, their settings and the character tables of poppler are. */
static const char *const font_places[] = {
	"/usr/share/fonts", "/usr/local/share/fonts", "/usr/share/fontconfig", "/etc/fonts", "/var/cache/fontconfig", "/usr/share/poppler",
};

/* From here on only files of font_places can be opened. False: the kernel cannot do that. */
static bool guard_files(void)
{
	const __u64 read_access = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
	const struct landlock_ruleset_attr rules = {.handled_access_fs = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1};
	int fd = (int)syscall(SYS_landlock_create_ruleset, &rules, sizeof(rules), 0);
	bool good = fd >= 0;

	for (size_t i = 0; good && i < sizeof(font_places) / sizeof(font_places[0]); i++) {
		struct landlock_path_beneath_attr beneath = {.allowed_access = read_access, .parent_fd = open(font_places[i], O_PATH | O_CLOEXEC)};

		if (beneath.parent_fd < 0)
			continue;
		good = syscall(SYS_landlock_add_rule, fd, LANDLOCK_RULE_PATH_BENEATH, &beneath, 0) == 0;
		close(beneath.parent_fd);
	}
	good = good && syscall(SYS_landlock_restrict_self, fd, 0) == 0;
	if (fd >= 0)
		close(fd);
	return good;
}

static enum status enter(bool fonts)
{
	bool guarded;

	if (close_range(3, ~0u, 0) != 0)
		return status_fail(ST_ERROR, "close_range: %s", strerror(errno));
	/* A core pattern that is a pipe ignores RLIMIT_CORE 0; not being dumpable works there too. */
	if (prctl(PR_SET_DUMPABLE, 0) != 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return status_fail(ST_ERROR, "prctl: %s", strerror(errno));
	guarded = fonts && guard_files();
	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		struct rlimit most = {.rlim_cur = limits[i].most, .rlim_max = limits[i].most};

		if (fonts && limits[i].resource == RLIMIT_NOFILE)
			most.rlim_cur = most.rlim_max = FONT_FILES_MAX;
		if (setrlimit(limits[i].resource, &most) != 0)
			return status_fail(ST_ERROR, "setrlimit %d: %s", limits[i].resource, strerror(errno));
	}
	return load_filter(fonts, guarded);
}

enum status sandbox_enter(void)
{
	return enter(false);
}

enum status sandbox_enter_fonts(void)
{
	return enter(true);
}
