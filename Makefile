# Builds the programs and runs them.
#   make run      everything on this machine: http://127.0.0.1:8080/ (PORT=, TLS_PORT=, INSTRUCTION_PORT=, RUN_DIR=)
#   make test     every test against throw-away instances (ONLY=unit, or several groups: ONLY="unit db")
#   make torture  faults while messages go out; then whether anything was lost, doubled or out of order (FAULTS=300 SEED=1 SCALE=0.05;
#                 WORLDS=1; docs/torture.md)
#   make bench    lines "bench NAME VALUE UNIT" (ONLY=name of one file of tests/bench)
#   make lint, make format, make fuzz (FUZZ_SECONDS=60), make static, make install (DESTDIR=, PREFIX=), make clean
#   SANITIZE=address,undefined   builds everything with these sanitizers, in a folder of its own

comma    := ,
BUILD    ?= build$(if $(SANITIZE),-$(subst $(comma),-,$(SANITIZE)))
CC       ?= gcc
PREFIX   ?= /usr/local
PACKAGES := libpq libcurl libcjson openssl libseccomp gdlib libqrencode libzip pangocairo expat poppler-glib
STANDIN_PACKAGES := libmicrohttpd libcjson openssl
JOBS     ?= 2
export BUILD SANITIZE FAULTS SEED SCALE FIRST KINDS WORLDS

WARN := -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wcast-qual -Wsign-compare -Wformat=2 \
        -Wimplicit-fallthrough -Wtrampolines -Wbidi-chars=any -Wno-format-nonliteral
HARDEN := -fno-common -fstack-protector-strong -fstack-clash-protection -fcf-protection=full -ftrivial-auto-var-init=zero \
          -fno-delete-null-pointer-checks -fno-strict-overflow -fno-strict-aliasing -fPIE
ifneq ($(findstring clang,$(CC)),)
WARN += -Wno-unknown-warning-option -Wno-missing-field-initializers
HARDEN := $(filter-out -ftrivial-auto-var-init=zero,$(HARDEN))
endif
ifeq ($(SANITIZE),)
HARDEN += -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3
else
HARDEN += -fsanitize=$(SANITIZE) -fno-omit-frame-pointer -fno-sanitize-recover=all
LINK_SANITIZE := -fsanitize=$(SANITIZE)
endif
CFLAGS  ?= -O2 -g
BASE_CFLAGS := -std=c11 -D_GNU_SOURCE $(CFLAGS) $(WARN) $(HARDEN) -Icgi -isystem /usr/include/ClearSilver
LDFLAGS := -pie -Wl,-z,relro,-z,now,-z,noexecstack,-z,nodlopen -Wl,--as-needed $(LINK_SANITIZE)
# Asked of pkg-config once, and only when something is compiled: it may have been installed a moment ago.
once = $(eval $1 := $2)$($1)
PKG_CFLAGS = $(call once,PKG_CFLAGS,$(shell pkg-config --cflags $(PACKAGES) | sed 's/-I/-isystem /g'))
PKG_LIBS   = $(call once,PKG_LIBS,$(shell pkg-config --libs $(PACKAGES)) -lfcgi -lneo_cgi -lneo_cs -lneo_utl -lxlsxwriter -lz -lm)
STANDIN_CFLAGS = $(call once,STANDIN_CFLAGS,$(shell pkg-config --cflags $(STANDIN_PACKAGES) | sed 's/-I/-isystem /g'))
STANDIN_LIBS   = $(call once,STANDIN_LIBS,$(shell pkg-config --libs $(STANDIN_PACKAGES)))

MAINS    := $(wildcard cgi/main_*.c)
SOURCES  := $(filter-out $(MAINS),$(wildcard cgi/*.c cgi/*/*.c))
OBJECTS  := $(SOURCES:%.c=$(BUILD)/%.o)
LIBRARY  := $(BUILD)/librealname.a
PROGRAMS := $(patsubst cgi/main_%.c,$(BUILD)/bin/realname-%,$(filter-out cgi/main_ctl.c,$(MAINS))) $(if $(wildcard cgi/main_ctl.c),$(BUILD)/bin/realnamectl)
UNIT     := $(patsubst tests/unit/%.c,$(BUILD)/unit/%,$(wildcard tests/unit/test_*.c))
DB       := $(patsubst tests/db/%.c,$(BUILD)/db/%,$(wildcard tests/db/test_*.c))
FUZZ     := $(patsubst tests/fuzz/%.c,$(BUILD)/fuzz/%,$(wildcard tests/fuzz/fuzz_*.c))
BENCH    := $(patsubst tests/bench/%.c,$(BUILD)/bench/%,$(wildcard tests/bench/*.c))
TORTURE  := $(patsubst tests/torture/%.c,$(BUILD)/torture/%,$(wildcard tests/torture/*.c))
STANDIN_SHARED := $(filter-out $(wildcard tests/standin/standin_*.c),$(wildcard tests/standin/*.c))
STANDINS := $(patsubst tests/standin/%.c,$(BUILD)/bin/%,$(wildcard tests/standin/standin_*.c))
STATIC   := $(shell find static -type f 2>/dev/null)

.PHONY: all unit db-tests fuzz-programs bench-programs torture-programs static run test torture bench lint format fuzz install clean
.DELETE_ON_ERROR:
.SECONDARY:

all: $(PROGRAMS) $(STANDINS) $(BUILD)/static/manifest.txt
# The tests of pictures run the decoder as the product does, in its own process.
unit: $(UNIT) $(filter %-image %-pdf,$(PROGRAMS))
db-tests: $(DB) $(filter %-image %-pdf,$(PROGRAMS))
fuzz-programs: $(FUZZ)
bench-programs: $(BENCH)
torture-programs: all $(TORTURE) $(BUILD)/crash/realname-jobs $(BUILD)/bench/storm
static: $(BUILD)/static/manifest.txt

# Packages first and make again after them: the compiler's flags depend on what is installed.
run:
	@bash tests/run/packages.sh run
	@$(MAKE) --no-print-directory -j$(JOBS) all
	@exec bash tests/run/instance.sh run

test:
	@exec bash tests/run/test.sh $(ONLY)

torture:
	@exec bash tests/torture/run.sh

bench:
	@exec bash tests/bench/run.sh $(ONLY)

lint:
	@exec bash tests/run/test.sh lint

format:
	@bash tests/run/packages.sh format
	clang-format -i $$(git ls-files --cached --others --exclude-standard '*.c' '*.h')

fuzz:
	@FUZZ_SECONDS=$(or $(FUZZ_SECONDS),60) exec bash tests/run/test.sh fuzz

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	@echo "  cc   $<"
	@$(CC) $(BASE_CFLAGS) $(PKG_CFLAGS) $(STANDIN_CFLAGS) -MMD -MP -c -o $@ $<

$(LIBRARY): $(OBJECTS)
	@rm -f $@
	@ar rcs $@ $^

$(BUILD)/bin/realname-%: $(BUILD)/cgi/main_%.o $(LIBRARY)
	@mkdir -p $(@D)
	@echo "  link $@"
	@$(CC) $(LDFLAGS) -o $@ $^ $(PKG_LIBS)

# The background program with the named points of cgi/jobs/crash.h, for the tests that kill it there. Its own objects stand before
# the library, whose members of the same names are then not taken.
CRASHING := $(patsubst cgi/jobs/%.c,%,$(wildcard cgi/jobs/*.c))
$(BUILD)/crash/%.o: cgi/jobs/%.c
	@mkdir -p $(@D)
	@$(CC) $(BASE_CFLAGS) $(PKG_CFLAGS) -DCRASH_POINTS -MMD -MP -c -o $@ $<
$(BUILD)/crash/realname-jobs: $(BUILD)/cgi/main_jobs.o $(CRASHING:%=$(BUILD)/crash/%.o) $(LIBRARY)
	@$(CC) $(LDFLAGS) -o $@ $^ $(PKG_LIBS)

$(BUILD)/bin/realnamectl: $(BUILD)/cgi/main_ctl.o $(LIBRARY)
	@mkdir -p $(@D)
	@echo "  link $@"
	@$(CC) $(LDFLAGS) -o $@ $^ $(PKG_LIBS)

$(BUILD)/unit/%: $(BUILD)/tests/unit/%.o $(LIBRARY)
	@mkdir -p $(@D)
	@echo "  link $@"
	@$(CC) $(LDFLAGS) -o $@ $^ $(PKG_LIBS)

$(BUILD)/db/%: $(BUILD)/tests/db/%.o $(LIBRARY)
	@mkdir -p $(@D)
	@echo "  link $@"
	@$(CC) $(LDFLAGS) -o $@ $^ $(PKG_LIBS)

$(BUILD)/bench/%: $(BUILD)/tests/bench/%.o $(LIBRARY)
	@mkdir -p $(@D)
	@echo "  link $@"
	@$(CC) $(LDFLAGS) -o $@ $^ $(PKG_LIBS)

$(BUILD)/torture/%: $(BUILD)/tests/torture/%.o $(LIBRARY)
	@mkdir -p $(@D)
	@echo "  link $@"
	@$(CC) $(LDFLAGS) -o $@ $^ $(PKG_LIBS)

# Called with CC=clang SANITIZE=fuzzer-no-link,address,undefined.
$(BUILD)/fuzz/%: $(BUILD)/tests/fuzz/%.o $(LIBRARY)
	@mkdir -p $(@D)
	@echo "  link $@"
	@$(CC) $(LDFLAGS) -fsanitize=fuzzer -o $@ $^ $(PKG_LIBS)

$(BUILD)/bin/standin_%: $(BUILD)/tests/standin/standin_%.o $(STANDIN_SHARED:%.c=$(BUILD)/%.o)
	@mkdir -p $(@D)
	@echo "  link $@"
	@$(CC) $(LDFLAGS) -o $@ $^ $(STANDIN_LIBS)

$(BUILD)/static/manifest.txt: nginx/static.sh $(STATIC)
	@mkdir -p $(BUILD)
	@echo "  static files"
	@bash nginx/static.sh static $(BUILD)/static

# The product alone; the stand-ins and the scripts that run them are for development.
install: all
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/lib/realname/bin $(DESTDIR)$(PREFIX)/lib/realname/nginx/common
	install -m 755 $(filter %-web %-instruction %-jobs %-image %-pdf,$(PROGRAMS)) $(DESTDIR)$(PREFIX)/lib/realname/bin
	install -m 755 $(BUILD)/bin/realnamectl $(DESTDIR)$(PREFIX)/bin
	cp -R templates sql $(BUILD)/static $(DESTDIR)$(PREFIX)/lib/realname/
	install -m 644 nginx/production.conf $(DESTDIR)$(PREFIX)/lib/realname/nginx
	install -m 644 nginx/common/*.conf $(DESTDIR)$(PREFIX)/lib/realname/nginx/common

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)

clean:
	rm -rf build build-*
