/* What the tests of realnamectl share: the command itself, run in this process as the role realname_operator, with keys and settings
 * in a folder of its own; what it printed; a connection of the owner beside it. */
#ifndef TESTS_DB_OPERATOR_FIXTURE_H
#define TESTS_DB_OPERATOR_FIXTURE_H

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../unit/test.h"
#include "db/db.h"

int ctl_main(int argc, char **argv);
#define main ctl_main
#include "../../cgi/main_ctl.c"
#undef main

static struct arena *a;
static struct db *db;
static struct config config;
static struct keys keys;
static char folder[] = "/tmp/operator-test.XXXXXX";
static char printed[256 * 1024]; /* by the last command, both streams */

static const char *path_of(const char *name)
{
	return arena_printf(a, "%s/%s", folder, name);
}

static void write_file(const char *name, const char *text)
{
	int fd = open(path_of(name), O_WRONLY | O_CREAT | O_TRUNC, 0600);

	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		abort();
	close(fd);
}

/* The DSN of the runner with another role. */
static const char *dsn_of(const char *role)
{
	const char *dsn = getenv("TEST_DATABASE"), *user = dsn ? strstr(dsn, "user=") : NULL;

	if (!user)
		abort();
	return arena_printf(a, "%.*suser=%s", (int)(user - dsn), dsn, role);
}

/* Runs "realnamectl LINE", words parted by single blanks; gives its exit status. */
static int ctl(const char *line)
{
	static char *argv[32];
	int argc = 0, saved[2] = {dup(1), dup(2)}, fd = open(path_of("printed"), O_RDWR | O_CREAT | O_TRUNC, 0600), code;
	char *rest = arena_strdup(a, line);
	ssize_t length;

	argv[argc++] = arena_strdup(a, "realnamectl");
	while (rest && argc < 31)
		argv[argc++] = strsep(&rest, " ");
	argv[argc] = NULL;
	fflush(NULL);
	dup2(fd, 1);
	dup2(fd, 2);
	code = ctl_main(argc, argv);
	fflush(NULL);
	dup2(saved[0], 1);
	dup2(saved[1], 2);
	close(saved[0]);
	close(saved[1]);
	length = pread(fd, printed, sizeof printed - 1, 0);
	printed[length > 0 ? length : 0] = '\0';
	close(fd);
	return code;
}

static bool says(const char *text)
{
	if (strstr(printed, text))
		return true;
	printf("# printed: %s\n", printed);
	return false;
}

/* The first column, named x, of the first row; NULL when there is none. sql must be a literal. */
static const char *value(const char *sql)
{
	struct db_result *r;

	if (db_query(db, a, &r, sql) != ST_OK) {
		printf("# %s\n", status_message());
		return NULL;
	}
	return db_rows(r) ? db_text(r, 0, "x") : NULL;
}

static void start_fixture(void)
{
	a = arena_create();
	if (!mkdtemp(folder))
		abort();
	write_file("keys", "k1 00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\n");
	write_file("operator.conf",
		   arena_printf(a,
				"sql_dir = sql\nautomaker = fixture\nmaster_keys_file = %s/keys\nlookup_keys_file = %s/keys\n"
				"code_keys_file = %s/keys\n",
				folder, folder, folder));
	setenv("REALNAME_CONFIG", path_of("operator.conf"), 1);
	setenv("REALNAME_DATABASE", dsn_of("realname_operator"), 1);
	if (config_load(&config, path_of("operator.conf")) != ST_OK || config_keys(&keys, &config) != ST_OK ||
	    db_open(&db, getenv("TEST_DATABASE"), "test") != ST_OK || db_ready(db) != ST_OK) {
		printf("# %s\n", status_message());
		abort();
	}
	write_file("automaker.json",
		   "{\"slug\":\"fixture\",\"name\":\"夹具\",\"manufacturers\":[{\"code\":\"FIX1\",\"name\":\"夹具一厂\"}]}");
	write_file("carrier.json",
		   "{\"automaker\":\"fixture\",\"carrier\":\"fixture\",\"name\":\"夹具\",\"platform_id\":\"FIX00001\",\"profile\":{"
		   "\"account_url\":\"https://127.0.0.1:9/a\",\"vehicle_url\":\"https://127.0.0.1:9/"
		   "v\",\"password_secret\":\"p\",\"cipher\":\"none\","
		   "\"default_channel_name\":\"线上\",\"default_staff_name\":\"线上\",\"default_channel_address\":\"线上\","
		   "\"oper_types\":{\"register\":\"1\"},\"certificate_types\":{\"ID_CARD\":\"01\",\"PASSPORT_FOREIGN\":\"08\"}}}");
	if (ctl(arena_printf(a, "automaker load %s", path_of("automaker.json"))) != 0 ||
	    ctl(arena_printf(a, "carrier load %s", path_of("carrier.json"))) != 0) {
		printf("# %s\n", printed);
		abort();
	}
}

static void end_fixture(void)
{
	static const char *const files[] = {"keys", "operator.conf", "automaker.json", "carrier.json", "printed", "cars.csv"};

	for (size_t i = 0; i < sizeof files / sizeof *files; i++)
		unlink(path_of(files[i]));
	rmdir(folder);
	db_close(db);
	config_free(&config);
	arena_destroy(a);
}

/* ---- cars ---- */

#define CAR_HEADER                                                                                                                         \
	"VIN,MSISDN,ICCID,Code,carrier,NameVehicleEnterprise,VehicleType,PlaceOfOriginOfVehicle,VehicleDepartment,VehicleName,VehicleNum," \
	"VehicleModel,"                                                                                                                    \
	"BodyColor,FuelType,EngineNum,VehicleDepartureTime,VehicleSalesTime,NetworkDate,OwnerType,OwnerName,OwnerCertNumber,OwnerPhone,"   \
	"LicensePlateNumber"
/* A row: VIN, MSISDN, ICCID, colour and the owner's part. */
#define CAR(vin, msisdn, iccid, color, owner)                                                                                              \
	vin "," msisdn "," iccid ",FIX1,fixture,夹具汽车,1,1,夹具牌,乘用车,FX1,夹具," color                                                \
	    ",1,EN0123456,20200101,20200202030405,2020-03-03," owner "\n"
#define NO_OWNER ",,,,"

static int import_text(const char *text, const char *options)
{
	write_file("cars.csv", text);
	return ctl(arena_printf(a, "import %s%s", path_of("cars.csv"), options));
}

#endif
