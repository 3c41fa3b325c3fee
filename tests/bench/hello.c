/* The least that a FastCGI program can do, to compare the product with: as many processes as the product has workers, each
 * accepts, reads the parameters and answers the same bytes from memory. Nothing of the product is linked in.
 * usage: hello SOCKET WORKERS ANSWER_FILE   the file holds headers, an empty line and the body, as FastCGI wants them */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fcgiapp.h>

#define ANSWER_MAX (1 << 20)
#define BACKLOG 512

static char answer[ANSWER_MAX];
static int answer_length;

static int serve(int listener, pid_t parent)
{
	FCGX_Request request;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent || FCGX_InitRequest(&request, listener, 0) != 0)
		return 1;
	while (FCGX_Accept_r(&request) == 0) {
		FCGX_PutStr(answer, answer_length, request.out);
		FCGX_Finish_r(&request);
	}
	return 1;
}

int main(int argc, char **argv)
{
	int workers = argc == 4 ? atoi(argv[2]) : 0, listener;
	FILE *file = workers > 0 ? fopen(argv[3], "re") : NULL;
	pid_t parent = getpid();

	if (!file) {
		fprintf(stderr, "usage: %s SOCKET WORKERS ANSWER_FILE\n", argv[0]);
		return 2;
	}
	answer_length = (int)fread(answer, 1, sizeof(answer), file);
	fclose(file);
	prctl(PR_SET_PDEATHSIG, SIGTERM); /* a bench that is killed leaves nothing behind */
	if (FCGX_Init() != 0 || (listener = FCGX_OpenSocket(argv[1], BACKLOG)) < 0)
		return 1;
	for (int i = 0; i < workers; i++)
		if (fork() == 0)
			return serve(listener, parent);
	wait(NULL); /* none of them ever ends by itself */
	return 1;
}
