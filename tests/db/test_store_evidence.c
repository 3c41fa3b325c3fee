/* Data keys and evidence: what was written comes back, and nothing else opens. */
#include <fcntl.h>

#include "fixture.h"
#include "store/resumable.h"

static struct catalogue cat;
static struct application app;

static void test_data_key(void)
{
	struct crypt_key made, loaded;
	OK(datakey_create(web, a, &keys, &made));
	OK(datakey_load(jobs, a, &keys, made.id, &loaded));
	CHECK(memcmp(&made, &loaded, sizeof(made)) == 0);
	CHECK_STATUS(datakey_load(jobs, a, &keys, crypt_uuid(a), &loaded), ST_NOT_FOUND);
	OK(db_query(jobs, a, NULL, "UPDATE data_key SET wrapped = NULL, erased_at = now() WHERE id = $1", DB_TEXT(made.id)));
	CHECK_STATUS(datakey_load(jobs, a, &keys, made.id, &loaded), ST_NOT_FOUND);
}

static void test_data_key_of_another_row_does_not_open(void)
{
	struct crypt_key one, two, loaded;
	OK(datakey_create(web, a, &keys, &one));
	OK(datakey_create(web, a, &keys, &two));
	OK(db_query(owner, a, NULL, "UPDATE data_key SET wrapped = (SELECT wrapped FROM data_key WHERE id = $2) WHERE id = $1", DB_TEXT(one.id),
		    DB_TEXT(two.id)));
	CHECK_STATUS(datakey_load(jobs, a, &keys, one.id, &loaded), ST_INVALID);
}

static void test_rotated_master_key(void)
{
	struct crypt_key made, loaded;
	struct keys rotated = keys;
	OK(datakey_create(web, a, &keys, &made));
	rotated.master.keys[1] = keys.master.keys[0];
	snprintf(rotated.master.keys[0].id, sizeof(rotated.master.keys[0].id), "master-2");
	memset(rotated.master.keys[0].key, 9, CRYPT_KEY_SIZE);
	rotated.master.count = 2;
	OK(datakey_load(jobs, a, &rotated, made.id, &loaded));
	rotated.master.count = 1;
	CHECK_STATUS(datakey_load(jobs, a, &rotated, made.id, &loaded), ST_INVALID);
}

static void test_sealed_text(void)
{
	struct crypt_key key;
	char *text = NULL;
	OK(datakey_create(web, a, &keys, &key));
	struct bytes sealed = sealed_text(a, &key, "application", "phone", "1", "13800000001");
	OK(opened_text(a, &key, "application", "phone_sealed", "1", sealed, &text));
	CHECK_TEXT(text, "13800000001");
	CHECK_STATUS(opened_text(a, &key, "application", "phone", "2", sealed, &text), ST_INVALID);
	CHECK_STATUS(opened_text(a, &key, "application", "name", "1", sealed, &text), ST_INVALID);
	CHECK(sealed_text(a, &key, "application", "phone", "1", NULL).data == NULL);
	OK(opened_text(a, &key, "application", "phone", "1", (struct bytes){NULL, 0}, &text));
	CHECK(text == NULL);
	sealed = sealed_by_master(a, &keys, "session", "phone", "1", "x");
	OK(opened_by_master(a, &keys, "session", "phone", "1", sealed, &text));
	CHECK_TEXT(text, "x");
}

static void fill(unsigned char *to, size_t length)
{
	for (size_t i = 0; i < length; i++)
		to[i] = (unsigned char)(i * 31 + i / 251);
}

static void write_file(struct evidence_file *file, const unsigned char *bytes, size_t length, size_t piece)
{
	struct evidence_writer *w;
	OK(evidence_start(&w, a, config.evidence_dir, &app.key));
	for (size_t done = 0; done < length; done += piece)
		OK(evidence_write(w, bytes + done, length - done < piece ? length - done : piece));
	OK(evidence_finish(w, file));
}

static char *path_of_file(const struct evidence_file *file)
{
	return arena_printf(a, "%s/%.2s/%s", config.evidence_dir, file->storage_key, file->storage_key);
}

static void test_sizes_come_back(void)
{
	static const size_t sizes[] = {1, 1000, EVIDENCE_SEGMENT - 1, EVIDENCE_SEGMENT, EVIDENCE_SEGMENT + 1, 2 * EVIDENCE_SEGMENT, 700001};
	unsigned char *bytes = arena_alloc(a, 700001);
	fill(bytes, 700001);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct evidence_file file;
		struct bytes back;
		unsigned char sha256[CRYPT_HASH_SIZE];
		struct stat info;
		write_file(&file, bytes, sizes[i], 8191);
		crypt_sha256(sha256, bytes, sizes[i]);
		CHECK(file.size == (int64_t)sizes[i] && memcmp(sha256, file.sha256, sizeof(sha256)) == 0);
		OK(evidence_read(a, config.evidence_dir, file.storage_key, &app.key, sizes[i], &back));
		CHECK(back.length == sizes[i] && memcmp(back.data, bytes, sizes[i]) == 0);
		CHECK_STATUS(evidence_read(a, config.evidence_dir, file.storage_key, &app.key, sizes[i] - 1, &back), ST_LIMIT);
		CHECK(stat(path_of_file(&file), &info) == 0 && (info.st_mode & 0777) == 0600);
		OK(evidence_delete(config.evidence_dir, file.storage_key));
		OK(evidence_delete(config.evidence_dir, file.storage_key));
		CHECK_STATUS(evidence_read(a, config.evidence_dir, file.storage_key, &app.key, sizes[i], &back), ST_NOT_FOUND);
	}
}

/* Changes of the file on disk: each must be seen. */
static void test_tampering_is_seen(void)
{
	size_t size = 2 * EVIDENCE_SEGMENT + 10, segment = EVIDENCE_SEGMENT + 28, header = 7 + 36;
	unsigned char *bytes = arena_alloc(a, size);
	struct evidence_file file, other;
	struct bytes back;
	fill(bytes, size);
	write_file(&file, bytes, size, size);
	write_file(&other, bytes, size, size);
	char *path = path_of_file(&file);
	size_t whole = header + size + 3 * 28;
	unsigned char *disk = arena_alloc(a, whole), *copy = arena_alloc(a, whole);
	int fd = open(path, O_RDWR);
	CHECK(fd >= 0 && pread(fd, disk, whole, 0) == (ssize_t)whole);

	const size_t flips[] = {0, 4, 6, 8, header, header + 12, header + segment - 1, whole - 1};
	for (size_t i = 0; i < sizeof(flips) / sizeof(flips[0]); i++) {
		unsigned char flipped = disk[flips[i]] ^ 1;
		CHECK(pwrite(fd, &flipped, 1, (off_t)flips[i]) == 1);
		CHECK_STATUS(evidence_read(a, config.evidence_dir, file.storage_key, &app.key, size, &back), ST_INVALID);
		CHECK(pwrite(fd, disk, whole, 0) == (ssize_t)whole);
	}
	/* segments exchanged */
	memcpy(copy, disk, whole);
	memcpy(copy + header, disk + header + segment, segment);
	memcpy(copy + header + segment, disk + header, segment);
	CHECK(pwrite(fd, copy, whole, 0) == (ssize_t)whole);
	CHECK_STATUS(evidence_read(a, config.evidence_dir, file.storage_key, &app.key, size, &back), ST_INVALID);
	CHECK(pwrite(fd, disk, whole, 0) == (ssize_t)whole);
	OK(evidence_read(a, config.evidence_dir, file.storage_key, &app.key, size, &back));
	/* cut off: behind a segment, inside one, inside the header */
	const size_t cuts[] = {header + 2 * segment, header + segment, whole - 5, header + 20, header, 3, 0};
	for (size_t i = 0; i < sizeof(cuts) / sizeof(cuts[0]); i++) {
		CHECK(ftruncate(fd, (off_t)cuts[i]) == 0);
		CHECK_STATUS(evidence_read(a, config.evidence_dir, file.storage_key, &app.key, size, &back), ST_INVALID);
	}
	close(fd);
	/* the file of another key under this name */
	CHECK(rename(path_of_file(&other), path) == 0);
	CHECK_STATUS(evidence_read(a, config.evidence_dir, file.storage_key, &app.key, size, &back), ST_INVALID);
}

static void test_unfinished_file_leaves_nothing(void)
{
	struct arena *own = arena_create();
	struct evidence_writer *w;
	char command[256];
	OK(evidence_start(&w, own, config.evidence_dir, &app.key));
	OK(evidence_write(w, "abc", 3));
	snprintf(command, sizeof(command), "test -n \"$(find '%s' -name '*.part')\"", config.evidence_dir);
	CHECK(system(command) == 0);
	arena_destroy(own);
	CHECK(system(command) != 0);
}

static void test_store_away(void)
{
	struct evidence_writer *w;
	CHECK_STATUS(evidence_start(&w, a, "/nonexistent/folder", &app.key), ST_UNAVAILABLE);
	CHECK(!evidence_well("/nonexistent/folder"));
	CHECK(evidence_well(config.evidence_dir));
	CHECK_STATUS(evidence_delete(config.evidence_dir, "../../etc/passwd"), ST_INVALID);
}

static void test_rows(void)
{
	struct evidence_file file;
	struct bytes back;
	char *id, *type;
	const struct evidence_row row = {app.id, "holder", "certificate_front", "image/jpeg", "enrolment", app.key.id, {NULL, 0}, NULL, 0};
	write_file(&file, (const unsigned char *)"picture", 7, 7);
	OK(evidence_insert(web, a, &row, &file, &id));
	OK(evidence_load(jobs, a, &keys, config.evidence_dir, app.id, id, 100, &back, &type));
	CHECK(back.length == 7 && memcmp(back.data, "picture", 7) == 0);
	CHECK_TEXT(type, "image/jpeg");
	struct application stranger;
	fixture_draft(&stranger, &cat, 0);
	CHECK_STATUS(evidence_load(jobs, a, &keys, config.evidence_dir, stranger.id, id, 100, &back, &type), ST_NOT_FOUND);
	/* the web program cannot change what the row says */
	CHECK_STATUS(db_query(web, a, NULL, "UPDATE evidence SET sha256 = '' WHERE id = $1", DB_TEXT(id)), ST_DENIED);
	OK(db_query(jobs, a, NULL, "UPDATE evidence SET deleted_at = now() WHERE id = $1", DB_TEXT(id)));
	CHECK_STATUS(evidence_load(jobs, a, &keys, config.evidence_dir, app.id, id, 100, &back, &type), ST_NOT_FOUND);
}

static void test_copy_under_another_key(void)
{
	static const size_t sizes[] = {1, EVIDENCE_SEGMENT - 1, EVIDENCE_SEGMENT, EVIDENCE_SEGMENT + 1, 3 * EVIDENCE_SEGMENT + 17};
	struct crypt_key other;
	OK(datakey_create(web, a, &keys, &other));
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct evidence_file file, copy;
		struct bytes back;
		unsigned char *bytes = arena_alloc(a, sizes[i]);
		fill(bytes, sizes[i]);
		write_file(&file, bytes, sizes[i], 4096);
		OK(evidence_copy(a, config.evidence_dir, file.storage_key, &app.key, &other, sizes[i], &copy));
		CHECK(strcmp(file.storage_key, copy.storage_key) != 0 && copy.size == file.size);
		CHECK(memcmp(file.sha256, copy.sha256, sizeof(file.sha256)) == 0);
		/* readable without the old file, and with the new key only */
		OK(evidence_delete(config.evidence_dir, file.storage_key));
		OK(evidence_read(a, config.evidence_dir, copy.storage_key, &other, sizes[i], &back));
		CHECK(back.length == sizes[i] && memcmp(back.data, bytes, sizes[i]) == 0);
		CHECK_STATUS(evidence_read(a, config.evidence_dir, copy.storage_key, &app.key, sizes[i], &back), ST_INVALID);
		CHECK_STATUS(evidence_copy(a, config.evidence_dir, copy.storage_key, &app.key, &other, sizes[i], &file), ST_INVALID);
		if (sizes[i] > 1)
			CHECK_STATUS(evidence_copy(a, config.evidence_dir, copy.storage_key, &other, &app.key, sizes[i] - 1, &file), ST_LIMIT);
		CHECK_STATUS(evidence_copy(a, config.evidence_dir, arena_printf(a, "%043d", 0), &other, &app.key, sizes[i], &file), ST_NOT_FOUND);
	}
}

/* ---- files in pieces ---- */

static struct evidence_file piece(const char *text, size_t length)
{
	struct evidence_writer *w;
	struct evidence_file file;
	OK(evidence_start(&w, a, config.evidence_dir, &app.key));
	OK(evidence_write(w, text, length));
	OK(evidence_finish(w, &file));
	return file;
}

static bool on_disk(const char *storage_key)
{
	return access(arena_printf(a, "%s/%.2s/%s", config.evidence_dir, storage_key, storage_key), F_OK) == 0;
}

struct joined {
	char text[64];
	size_t length;
	int left; /* calls before it refuses */
};

static enum status take_joined(void *context, const void *bytes, size_t length)
{
	struct joined *j = context;
	if (j->left-- == 0)
		return status_fail(ST_LIMIT, "enough");
	memcpy(j->text + j->length, bytes, length);
	j->length += length;
	return ST_OK;
}

static void test_files_joined(void)
{
	const struct evidence_file one = piece("abc", 3), two = piece("defg", 4);
	const char *both[] = {one.storage_key, two.storage_key}, *gone[] = {one.storage_key, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"};
	struct joined j = {.left = 9}, k = {.left = 1}, l = {.left = 9};
	struct crypt_key other = app.key;
	OK(evidence_join(a, config.evidence_dir, both, 2, &app.key, take_joined, &j));
	CHECK(j.length == 7 && memcmp(j.text, "abcdefg", 7) == 0);
	CHECK_STATUS(evidence_join(a, config.evidence_dir, both, 2, &app.key, take_joined, &k), ST_LIMIT);
	CHECK_STATUS(evidence_join(a, config.evidence_dir, gone, 2, &app.key, take_joined, &l), ST_NOT_FOUND);
	other.key[0] ^= 1;
	CHECK_STATUS(evidence_join(a, config.evidence_dir, both, 2, &other, take_joined, &l), ST_INVALID);
}

static struct resumable begun(const char *kind, int64_t length, struct resumable_files *replaced)
{
	struct resumable wanted = {.id = crypt_uuid(a), .kind = kind, .length = length}, made;
	struct resumable_files none;
	int64_t expires_at;
	OK(db_begin(web));
	OK(resumable_create(web, a, &tester, app.id, &wanted, &expires_at, replaced ? replaced : &none));
	OK(db_commit(web));
	OK(resumable_load(web, a, app.id, wanted.id, &made));
	CHECK(made.open && !made.expired && made.received == 0 && made.length == length && made.expires_at == expires_at);
	return made;
}

static void test_resumable_counts_each_piece_once(void)
{
	struct resumable u = begun("front", 10, NULL), later;
	struct resumable_files files;
	const struct evidence_file one = piece("abcd", 4), again = piece("abcd", 4);
	bool mine;
	OK(resumable_add(web, a, &u, &one));
	CHECK_STATUS(resumable_add(web, a, &u, &again), ST_CONFLICT);
	OK(resumable_load(web, a, app.id, u.id, &later));
	CHECK(later.received == 4 && later.pieces == 1);
	CHECK_STATUS(resumable_load(web, a, crypt_uuid(a), u.id, &later), ST_NOT_FOUND);
	/* settled in the state in which it was seen, once */
	CHECK_STATUS(resumable_settle(web, a, &u, "kept", NULL, NULL), ST_CONFLICT);
	OK(resumable_settle(web, a, &later, "refused", "file.heic", NULL));
	CHECK_STATUS(resumable_settle(web, a, &later, "kept", NULL, NULL), ST_CONFLICT);
	OK(resumable_load(web, a, app.id, u.id, &later));
	CHECK(!later.open && later.received == 10);
	CHECK_TEXT(later.cause, "file.heic");
	OK(resumable_clear(web, a, config.evidence_dir, u.id));
	OK(resumable_pieces(web, a, u.id, &files));
	CHECK(files.count == 0 && !on_disk(one.storage_key) && on_disk(again.storage_key));
	OK(resumable_lock(web, a, u.id, &mine));
	CHECK(mine);
	OK(resumable_lock(jobs, a, u.id, &mine));
	CHECK(!mine);
	resumable_unlock(web, a, u.id);
	OK(resumable_lock(jobs, a, u.id, &mine));
	CHECK(mine);
	resumable_unlock(jobs, a, u.id);
}

static void test_resumable_one_of_a_kind(void)
{
	struct resumable_files replaced;
	struct resumable first = begun("clip", 10, NULL), gone, other;
	const struct evidence_file one = piece("abcd", 4);
	OK(resumable_add(web, a, &first, &one));
	other = begun("back", 10, &replaced);
	CHECK(replaced.count == 0);
	begun("clip", 20, &replaced);
	CHECK(replaced.count == 1);
	CHECK_TEXT(replaced.storage_keys[0], one.storage_key);
	CHECK_STATUS(resumable_load(web, a, app.id, first.id, &gone), ST_NOT_FOUND);
	OK(resumable_load(web, a, app.id, other.id, &gone));
	OK(resumable_remove(web, a, config.evidence_dir, &tester, "upload.cancelled", other.id));
	OK(resumable_remove(web, a, config.evidence_dir, &tester, "upload.cancelled", other.id));
	CHECK_STATUS(resumable_load(web, a, app.id, other.id, &gone), ST_NOT_FOUND);
}

int main(void)
{
	fixture_start();
	fixture_catalogue(&cat, NULL);
	fixture_draft(&app, &cat, 0);
	RUN(test_data_key);
	RUN(test_data_key_of_another_row_does_not_open);
	RUN(test_rotated_master_key);
	RUN(test_sealed_text);
	RUN(test_sizes_come_back);
	RUN(test_tampering_is_seen);
	RUN(test_unfinished_file_leaves_nothing);
	RUN(test_store_away);
	RUN(test_copy_under_another_key);
	RUN(test_rows);
	RUN(test_files_joined);
	RUN(test_resumable_counts_each_piece_once);
	RUN(test_resumable_one_of_a_kind);
	return fixture_end();
}
