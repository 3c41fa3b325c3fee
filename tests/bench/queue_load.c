/* Claims and finishes jobs of one lane by the functions of the product, from several processes, for some seconds.
 * usage: queue_load DSN LANE CLIENTS BATCH SECONDS   prints how many were finished */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "store/queue.h"

#define LEASE_S 60

static long work(const char *dsn, const char *lane, int batch, int64_t end)
{
	static struct job claimed[QUEUE_CLAIM_MAX];
	const struct job *done[QUEUE_CLAIM_MAX];
	struct arena *a = arena_create();
	struct db *db;
	int id = 0, count;
	long finished = 0;
	if (db_open(&db, dsn, "bench") != ST_OK || queue_worker_start(db, a, "t1", &id) != ST_OK)
		goto failed;
	while (clock_monotonic_ms() < end) {
		arena_reset(a);
		if (queue_claim(db, a, lane, id, LEASE_S, batch, claimed, &count) != ST_OK)
			goto failed;
		if (count == 0)
			break;
		for (int i = 0; i < count; i++)
			done[i] = &claimed[i];
		if (queue_done_many(db, a, done, count) != ST_OK)
			goto failed;
		finished += count;
	}
	if (queue_worker_stop(db, a, id) != ST_OK)
		goto failed;
	db_close(db);
	arena_destroy(a);
	return finished;
failed:
	fprintf(stderr, "queue_load: %s\n", status_message());
	return -1;
}

int main(int argc, char **argv)
{
	int pipes[2], clients = argc == 6 ? atoi(argv[3]) : 0;
	if (clients < 1 || pipe(pipes) != 0) {
		fprintf(stderr, "usage: %s DSN LANE CLIENTS BATCH SECONDS\n", argv[0]);
		return 2;
	}
	int64_t end = clock_monotonic_ms() + 1000 * atoll(argv[5]);
	for (int i = 0; i < clients; i++)
		if (fork() == 0) {
			long finished = work(argv[1], argv[2], atoi(argv[4]), end);
			_exit(finished < 0 || write(pipes[1], &finished, sizeof(finished)) != sizeof(finished));
		}
	close(pipes[1]);
	long total = 0, one;
	while (read(pipes[0], &one, sizeof(one)) == sizeof(one))
		total += one;
	for (int i = 0, how; i < clients; i++)
		if (wait(&how) < 0 || !WIFEXITED(how) || WEXITSTATUS(how) != 0)
			return 1;
	printf("%ld\n", total);
	return 0;
}
