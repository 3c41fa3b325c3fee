/* Limits, then a list of allowed system calls; what is not on the list kills. */
#include "image/sandbox.h"

#include <errno.h>
#include <seccomp.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#define MEMORY_MAX ((rlim_t)768 * 1024 * 1024)
#define CPU_SECONDS 20

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

static enum status load_filter(void)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
	enum status st = ST_OK;
	int rc = filter ? 0 : -ENOMEM;

	for (size_t i = 0; rc == 0 && i < sizeof(allowed) / sizeof(allowed[0]); i++)
		rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[i], 0);
	if (rc == 0)
		rc = allow_with_conditions(filter);
	if (rc == 0)
		rc = seccomp_load(filter);
	if (rc != 0)
		st = status_fail(ST_ERROR, "seccomp: %s", strerror(-rc));
	seccomp_release(filter);
	return st;
}

enum status sandbox_enter(void)
{
	if (close_range(3, ~0u, 0) != 0)
		return status_fail(ST_ERROR, "close_range: %s", strerror(errno));
	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		struct rlimit most = {.rlim_cur = limits[i].most, .rlim_max = limits[i].most};

		if (setrlimit(limits[i].resource, &most) != 0)
			return status_fail(ST_ERROR, "setrlimit %d: %s", limits[i].resource, strerror(errno));
	}
	/* A core pattern that is a pipe ignores RLIMIT_CORE 0; not being dumpable works there too. */
	if (prctl(PR_SET_DUMPABLE, 0) != 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return status_fail(ST_ERROR, "prctl: %s", strerror(errno));
	return load_filter();
}
