/* The evidence store on a local folder. It knows nothing of what a file shows. Files are immutable: written under a temporary name,
 * made durable, renamed; never opened for writing again. */
#include "store/evidence.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/log.h"

#define MAGIC "RNEV"
#define VERSION 1
#define ALGORITHM_AES_256_GCM 1
#define KEY_SIZE 43 /* characters of a storage key */
#define HEADER_MAX (4 + 3 + CRYPT_KEY_ID_MAX)
#define SEGMENT_EXTRA (CRYPT_NONCE_SIZE + CRYPT_TAG_SIZE)
#define SPARE_BYTES (64LL << 20) /* below this the store counts as full */

struct evidence_writer {
	struct arena *arena;
	int fd;
	char *folder, *storage_key, *part;
	struct crypt_key key;
	struct crypt_sha256 *sha256;
	int64_t size;
	uint64_t segment;
	size_t filled;
	unsigned char *clear, *sealed;
};

static bool storage_key_ok(const char *key)
{
	return strlen(key) == KEY_SIZE &&
	       strspn(key, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") == KEY_SIZE;
}

static char *folder_of(struct arena *a, const char *folder, const char *storage_key)
{
	return arena_printf(a, "%s/%.2s", folder, storage_key);
}

static char *path_of(struct arena *a, const char *folder, const char *storage_key)
{
	return arena_printf(a, "%s/%.2s/%s", folder, storage_key, storage_key);
}

/* storage key | number of the segment, big-endian | last */
static void segment_identity(unsigned char out[KEY_SIZE + 9], const char *storage_key, uint64_t number, bool last)
{
	memcpy(out, storage_key, KEY_SIZE);
	for (int i = 0; i < 8; i++)
		out[KEY_SIZE + i] = (unsigned char)(number >> (56 - 8 * i));
	out[KEY_SIZE + 8] = last;
}

static enum status write_all(int fd, const unsigned char *bytes, size_t length)
{
	while (length > 0) {
		ssize_t n = write(fd, bytes, length);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return status_fail(ST_UNAVAILABLE, "evidence: write: %s", strerror(errno));
		bytes += n;
		length -= (size_t)n;
	}
	return ST_OK;
}

static enum status sync_folder(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return status_fail(ST_UNAVAILABLE, "evidence: open folder: %s", strerror(errno));
	enum status st = fsync(fd) == 0 ? ST_OK : status_fail(ST_UNAVAILABLE, "evidence: sync folder: %s", strerror(errno));
	close(fd);
	return st;
}

/* The sub-folder exists, and its name is durable in the folder above. */
static enum status make_folder(const char *folder, const char *sub)
{
	if (mkdir(sub, 0700) == 0)
		return sync_folder(folder);
	return errno == EEXIST ? ST_OK : status_fail(ST_UNAVAILABLE, "evidence: make folder: %s", strerror(errno));
}

/* Also runs after evidence_finish, which leaves nothing open. */
static void abandon(void *object)
{
	struct evidence_writer *w = object;
	if (w->fd >= 0) {
		close(w->fd);
		unlink(w->part);
		w->fd = -1;
	}
	crypt_wipe(&w->key, sizeof(w->key));
	crypt_wipe(w->clear, EVIDENCE_SEGMENT);
}

enum status evidence_start(struct evidence_writer **out, struct arena *a, const char *folder, const struct crypt_key *key)
{
	struct evidence_writer *w = arena_alloc(a, sizeof(*w));
	size_t id_length = strlen(key->id);
	w->arena = a;
	w->folder = arena_strdup(a, folder);
	w->storage_key = crypt_token(a);
	w->part = arena_printf(a, "%s.part", path_of(a, folder, w->storage_key));
	w->key = *key;
	w->sha256 = crypt_sha256_start(a);
	w->clear = arena_alloc(a, EVIDENCE_SEGMENT);
	w->sealed = arena_alloc(a, EVIDENCE_SEGMENT + SEGMENT_EXTRA);
	enum status st = make_folder(folder, folder_of(a, folder, w->storage_key));
	if (st != ST_OK)
		return st;
	w->fd = open(w->part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (w->fd < 0)
		return status_fail(ST_UNAVAILABLE, "evidence: create: %s", strerror(errno));
	arena_cleanup(a, abandon, w);

	unsigned char header[HEADER_MAX];
	memcpy(header, MAGIC, 4);
	header[4] = VERSION;
	header[5] = ALGORITHM_AES_256_GCM;
	header[6] = (unsigned char)id_length;
	memcpy(header + 7, key->id, id_length);
	if ((st = write_all(w->fd, header, 7 + id_length)) == ST_OK)
		*out = w;
	return st;
}

static enum status flush_segment(struct evidence_writer *w, bool last)
{
	unsigned char identity[KEY_SIZE + 9];
	segment_identity(identity, w->storage_key, w->segment, last);
	crypt_random(w->sealed, CRYPT_NONCE_SIZE);
	crypt_gcm_seal(w->sealed + CRYPT_NONCE_SIZE, w->key.key, w->sealed, identity, sizeof(identity), w->clear, w->filled);
	enum status st = write_all(w->fd, w->sealed, w->filled + SEGMENT_EXTRA);
	w->segment++;
	w->filled = 0;
	return st;
}

enum status evidence_write(struct evidence_writer *w, const void *bytes, size_t length)
{
	const unsigned char *from = bytes;
	crypt_sha256_add(w->sha256, bytes, length);
	w->size += (int64_t)length;
	while (length > 0) {
		/* a full segment waits until it is known whether it is the last */
		if (w->filled == EVIDENCE_SEGMENT) {
			enum status st = flush_segment(w, false);
			if (st != ST_OK)
				return st;
		}
		size_t n = EVIDENCE_SEGMENT - w->filled < length ? EVIDENCE_SEGMENT - w->filled : length;
		memcpy(w->clear + w->filled, from, n);
		w->filled += n;
		from += n;
		length -= n;
	}
	return ST_OK;
}

enum status evidence_finish(struct evidence_writer *w, struct evidence_file *out)
{
	if (w->size == 0)
		return status_fail(ST_INVALID, "evidence: nothing was written");
	char *path = path_of(w->arena, w->folder, w->storage_key);
	enum status st = flush_segment(w, true);
	if (st != ST_OK)
		return st;
	if (fsync(w->fd) != 0)
		return status_fail(ST_UNAVAILABLE, "evidence: sync: %s", strerror(errno));
	if (rename(w->part, path) != 0)
		return status_fail(ST_UNAVAILABLE, "evidence: rename: %s", strerror(errno));
	close(w->fd);
	w->fd = -1;
	if ((st = sync_folder(folder_of(w->arena, w->folder, w->storage_key))) != ST_OK)
		return st;
	out->storage_key = w->storage_key;
	out->size = w->size;
	crypt_sha256_end(w->sha256, out->sha256);
	return ST_OK;
}

static enum status read_exactly(int fd, unsigned char *to, size_t length)
{
	while (length > 0) {
		ssize_t n = read(fd, to, length);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return status_fail(ST_UNAVAILABLE, "evidence: read: %s", strerror(errno));
		if (n == 0)
			return status_fail(ST_INVALID, "evidence: the file is cut off");
		to += n;
		length -= (size_t)n;
	}
	return ST_OK;
}

static enum status read_header(int fd, const struct crypt_key *key, size_t *length)
{
	unsigned char header[HEADER_MAX];
	size_t id_length = strlen(key->id);
	*length = 7 + id_length;
	enum status st = read_exactly(fd, header, *length);
	if (st != ST_OK)
		return st;
	if (memcmp(header, MAGIC, 4) != 0 || header[4] != VERSION || header[5] != ALGORITHM_AES_256_GCM || header[6] != id_length ||
	    memcmp(header + 7, key->id, id_length) != 0)
		return status_fail(ST_INVALID, "evidence: another format or another key");
	return ST_OK;
}

/* What is left behind the header: how many segments, and how many clear bytes in them. */
static enum status measure(size_t sealed_length, size_t max, size_t *count, size_t *total)
{
	*count = (sealed_length + EVIDENCE_SEGMENT + SEGMENT_EXTRA - 1) / (EVIDENCE_SEGMENT + SEGMENT_EXTRA);
	if (*count == 0 || sealed_length <= *count * SEGMENT_EXTRA)
		return status_fail(ST_INVALID, "evidence: the file is cut off");
	*total = sealed_length - *count * SEGMENT_EXTRA;
	return *total <= max ? ST_OK : status_fail(ST_LIMIT, "evidence: %zu bytes, more than %zu", *total, max);
}

/* Opens the file and reads its header; *fd is open on ST_OK. */
static enum status open_file(struct arena *a, const char *folder, const char *storage_key, const struct crypt_key *key, size_t max, int *fd,
			     size_t *count, size_t *total)
{
	if (!storage_key_ok(storage_key))
		return status_fail(ST_INVALID, "evidence: not a storage key");
	struct stat info;
	size_t header = 0;
	*fd = open(path_of(a, folder, storage_key), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (*fd < 0)
		return status_fail(errno == ENOENT ? ST_NOT_FOUND : ST_UNAVAILABLE, "evidence: open: %s", strerror(errno));
	enum status st = fstat(*fd, &info) == 0 ? read_header(*fd, key, &header) : status_fail(ST_UNAVAILABLE, "evidence: stat: %s", strerror(errno));
	if (st == ST_OK)
		st = measure((size_t)info.st_size - header, max, count, total);
	if (st != ST_OK)
		close(*fd);
	return st;
}

/* Where clear segments go, and room for one of them in both forms. */
struct sink {
	enum status (*take)(void *context, const void *bytes, size_t length);
	void *context;
	unsigned char *clear, *sealed;
};

static void sink_wipe(void *object)
{
	crypt_wipe(object, EVIDENCE_SEGMENT);
}

static void sink_init(struct sink *s, struct arena *a, enum status (*take)(void *context, const void *bytes, size_t length), void *context)
{
	*s = (struct sink){take, context, arena_alloc(a, EVIDENCE_SEGMENT), arena_alloc(a, EVIDENCE_SEGMENT + SEGMENT_EXTRA)};
	arena_cleanup(a, sink_wipe, s->clear);
}

/* Opens the segments one after the other and closes the file. */
static enum status read_segments(int fd, const char *storage_key, const struct crypt_key *key, size_t count, size_t total, const struct sink *to)
{
	enum status st = ST_OK;
	for (size_t i = 0, done = 0; st == ST_OK && i < count; i++) {
		unsigned char identity[KEY_SIZE + 9];
		size_t n = total - done < EVIDENCE_SEGMENT ? total - done : EVIDENCE_SEGMENT;
		st = read_exactly(fd, to->sealed, n + SEGMENT_EXTRA);
		if (st != ST_OK)
			break;
		segment_identity(identity, storage_key, i, i + 1 == count);
		st = crypt_gcm_open(to->clear, key->key, to->sealed, identity, sizeof(identity), to->sealed + CRYPT_NONCE_SIZE, n + CRYPT_TAG_SIZE);
		if (st == ST_OK)
			st = to->take(to->context, to->clear, n);
		done += n;
	}
	close(fd);
	return st;
}

static enum status take_whole(void *context, const void *bytes, size_t length)
{
	unsigned char **end = context;
	memcpy(*end, bytes, length);
	*end += length;
	return ST_OK;
}

enum status evidence_read(struct arena *a, const char *folder, const char *storage_key, const struct crypt_key *key, size_t max, struct bytes *out)
{
	size_t count, total;
	int fd;
	struct sink to;
	enum status st = open_file(a, folder, storage_key, key, max, &fd, &count, &total);
	if (st != ST_OK)
		return st;
	unsigned char *clear = arena_alloc(a, total + 1), *end = clear;
	sink_init(&to, a, take_whole, &end);
	st = read_segments(fd, storage_key, key, count, total, &to);
	if (st == ST_OK)
		*out = (struct bytes){clear, total};
	return st;
}

static enum status take_written(void *context, const void *bytes, size_t length)
{
	return evidence_write(context, bytes, length);
}

enum status evidence_copy(struct arena *a, const char *folder, const char *storage_key, const struct crypt_key *from, const struct crypt_key *to,
			  size_t max, struct evidence_file *out)
{
	struct evidence_writer *w;
	struct sink copy;
	size_t count, total;
	int fd;
	enum status st = open_file(a, folder, storage_key, from, max, &fd, &count, &total);
	if (st != ST_OK)
		return st;
	st = evidence_start(&w, a, folder, to);
	if (st != ST_OK) {
		close(fd);
		return st;
	}
	sink_init(&copy, a, take_written, w);
	st = read_segments(fd, storage_key, from, count, total, &copy);
	return st == ST_OK ? evidence_finish(w, out) : st;
}

enum status evidence_join(struct arena *a, const char *folder, const char *const *storage_keys, int files, const struct crypt_key *key,
			  enum status (*take)(void *context, const void *bytes, size_t length), void *context)
{
	struct sink to;
	enum status st = ST_OK;
	sink_init(&to, a, take, context);
	for (int i = 0; st == ST_OK && i < files; i++) {
		size_t count, total;
		int fd;
		st = open_file(a, folder, storage_keys[i], key, SIZE_MAX, &fd, &count, &total);
		if (st == ST_OK)
			st = read_segments(fd, storage_keys[i], key, count, total, &to);
	}
	return st;
}

enum status evidence_delete(const char *folder, const char *storage_key)
{
	char path[4096];
	if (!storage_key_ok(storage_key))
		return status_fail(ST_INVALID, "evidence: not a storage key");
	int n = snprintf(path, sizeof(path), "%s/%.2s/%s", folder, storage_key, storage_key);
	if (n < 0 || (size_t)n >= sizeof(path))
		return status_fail(ST_INVALID, "evidence: the path of the folder is too long");
	if (unlink(path) != 0 && errno != ENOENT)
		return status_fail(ST_UNAVAILABLE, "evidence: remove: %s", strerror(errno));
	return ST_OK;
}

bool evidence_well(const char *folder)
{
	struct statvfs info;
	return access(folder, R_OK | W_OK | X_OK) == 0 && statvfs(folder, &info) == 0 && !(info.f_flag & ST_RDONLY) &&
	       (long long)info.f_bavail * (long long)info.f_frsize > SPARE_BYTES;
}
