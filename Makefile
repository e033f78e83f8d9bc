# Six ways to wait. `make help` lists what can be made.
# Plain POSIX make: no pattern rules, no GNU functions, so that BSD make reads it too.

CC = cc
CFLAGS = -O2 -g
NARRATOR_FLAGS = -O2 -g
STANDARD = -std=c11 -D_POSIX_C_SOURCE=200809L
WARNINGS = -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion
LDFLAGS =
DL =
LESSON = 03
A = 03
B = 04
ARGS =
PORT = 9080
REPORT = stage.html
DATA =
PART =
SECONDS = 60
TARGET =
QUICK =
WHOLE =
RUN =
NAME =
EX =
FORCE =
TOOL =
MINUTES = 10

COMMON = common/clock.o common/conn.o common/conn_table.o common/die.o common/io_status.o \
	common/net.o common/options.o common/rest.o common/stop.o
SELECTOR = 06-selectors-style/selector.o 06-selectors-style/selector_epoll.o \
	06-selectors-style/selector_kqueue.o 06-selectors-style/selector_poll.o \
	06-selectors-style/selector_select.o 06-selectors-style/selector_change.o \
	06-selectors-style/selector_option.o

# What the applications of lesson 06 share, and what the three with JSON messages do.
A6 = 06-selectors-style/apps
SERVING = $(A6)/buffer.o $(A6)/client.o $(A6)/server.o $(A6)/stream.o $(A6)/timers.o
JSON_TEXT = $(A6)/json_reader.o $(A6)/json_writer.o $(A6)/utf8.o
MESSAGES = $(A6)/bucket.o $(A6)/lines.o $(A6)/message.o $(A6)/timestamp.o $(JSON_TEXT)
TICKER = $(A6)/alerts.o $(A6)/market.o $(A6)/ticker_server.o
CHATTING = $(A6)/buffer.o $(A6)/chat_screen.o $(A6)/chat_typed.o $(A6)/lines.o

L01 = 01-blocking/echo_server 01-blocking/echo_server_threads 01-blocking/echo_client
L02 = 02-nonblocking-polling/echo_server
L03 = 03-select/echo_server
L04 = 04-poll/echo_server 04-poll/connect_client
L05 = 05-epoll/echo_server
L06 = 06-selectors-style/echo_server
APPS = $(A6)/chat_server $(A6)/chat_client $(A6)/game_server $(A6)/ticker_server \
	$(A6)/binary_server
PROBE = tests/apps/crowd.o tests/apps/drift.o tests/apps/faults.o tests/apps/player.o \
	tests/apps/probe.o tests/apps/referee.o tests/apps/talks.o
MATRIX = tests/faults/apps.o tests/faults/echo.o tests/faults/judge.o tests/faults/matrix.o \
	tests/faults/peer.o tests/faults/person.o tests/faults/programs.o tests/faults/run.o \
	tests/faults/trace.o
# The web server of the stage, and what it is built on.
STAGE_WEB = slides/stage/debt.o slides/stage/http.o slides/stage/http_answer.o \
	slides/stage/http_text.o slides/stage/page_file.o slides/stage/record.o \
	slides/stage/route.o \
	slides/stage/viewer.o slides/stage/web.o
STAGE_LIBRARY = $(A6)/buffer.o $(A6)/lines.o $(A6)/timers.o $(JSON_TEXT)
STAGE = slides/stage/actor.o slides/stage/bars.o slides/stage/cast.o slides/stage/directing.o \
	slides/stage/figures.o slides/stage/figures_table.o slides/stage/figures_words.o \
	slides/stage/gauge.o slides/stage/lane.o slides/stage/lane_words.o slides/stage/lineup.o \
	slides/stage/load.o slides/stage/measure.o slides/stage/outbox.o slides/stage/play.o \
	slides/stage/repertoire.o slides/stage/report.o slides/stage/scene.o \
	slides/stage/scene_extent.o slides/stage/scene_figures.o slides/stage/scene_steps.o \
	slides/stage/stage.o slides/stage/table.o slides/stage/terminal.o slides/stage/text.o \
	slides/stage/transcript.o slides/stage/words.o
BENCH = tests/bench/audience tests/bench/floor tests/bench/floor_broadcast tests/bench/load \
	tests/bench/waits
AUDIENCE = tests/bench/audience.o tests/bench/chat_audience.o tests/bench/hearing.o \
	tests/bench/histogram.o tests/bench/link.o \
	tests/bench/ticker_audience.o slides/stage/gauge.o $(A6)/buffer.o
LOAD = tests/bench/histogram.o tests/bench/link.o tests/bench/load.o tests/bench/pattern.o \
	tests/bench/silent.o tests/bench/talker.o slides/stage/gauge.o
SOAK = tests/bench/link.o tests/bench/pattern.o tests/soak/soak.o tests/soak/visitor.o \
	slides/stage/gauge.o
TOOLS = $(BENCH) common/errno_table common/narrate tests/client tests/apps/probe \
	tests/grade/cage tests/grade/faulty tests/json_probe tests/narrator_probe tests/selector_probe tests/soak/soak \
	tests/stage_web_probe slides/stage/stage $(FUZZ)

# A harness becomes a program that plays files to it, or with FUZZ_MAIN= and libFuzzer one that
# makes up its input: see tests/fuzz/run.
FUZZ = tests/fuzz/fault tests/fuzz/frames tests/fuzz/http tests/fuzz/json tests/fuzz/lines \
	tests/fuzz/options tests/fuzz/scene tests/fuzz/selector
FUZZ_MAIN = tests/fuzz/replay.o
FUZZ_BASE = tests/fuzz/fuzz.o $(FUZZ_MAIN)
FUZZ_OBJECTS = tests/fuzz/fault.o tests/fuzz/frames.o tests/fuzz/fuzz.o tests/fuzz/http.o \
	tests/fuzz/json.o tests/fuzz/lines.o tests/fuzz/options.o \
	tests/fuzz/options_without_exit.o tests/fuzz/replay.o tests/fuzz/scene.o \
	tests/fuzz/selector.o tests/fuzz/world.o
# What tests/fuzz/scene needs of the stage.
SCENE_READER = slides/stage/measure.o slides/stage/scene.o slides/stage/scene_extent.o \
	slides/stage/scene_figures.o slides/stage/scene_steps.o slides/stage/words.o

NARRATOR = common/errno_name.c common/fault.c common/io_status.c common/narrated.c \
	common/narrator.c common/narrator_calls.c common/narrator_decode.c \
	common/narrator_limit.c common/narrator_line.c common/narrator_note.c \
	common/narrator_out.c common/narrator_real.c common/narrator_tally.c \
	common/narrator_waits.c
NARRATE = common/narrate.o common/errno_name.o common/fault.o common/narrated.o

all: $(L01) $(L02) $(L03) $(L04) linux-alone $(L06) $(APPS) $(TOOLS) narrator

# epoll is in Linux alone: elsewhere lesson 05 is passed over, with a word, and so is the fault
# matrix, which looks at its programs through /proc.
linux-alone:
	@if [ "$$(uname -s)" = Linux ]; then $(MAKE) -s $(L05) tests/faults/matrix; \
	else echo "05-epoll is for Linux alone: not built here"; fi

# Libraries to be preloaded are for systems with ELF. They are built from their sources with flags
# of their own: a sanitizer cannot be preloaded with them, and nothing here can be static. What
# is not a call stays hidden, or it would stand in front of the program's own functions. The
# BSDs hide more than POSIX from who asks for POSIX, and the narrator knows all calls.
narrator:
	@case $$(uname -s) in \
	Darwin | CYGWIN* | MINGW*) echo "common/narrator.so is for systems with ELF: not built here" ;; \
	Linux) $(MAKE) -s common/narrator.so tests/short_memory.so DL=-ldl ;; \
	*) $(MAKE) -s common/narrator.so tests/short_memory.so STANDARD=-std=gnu11 ;; esac

common/narrator.so: $(NARRATOR) common/narrator.h common/narrator_real.h common/narrated.h \
		common/fault.h common/errno_name.h common/io_status.h
	$(CC) $(STANDARD) $(WARNINGS) $(NARRATOR_FLAGS) -fPIC -shared -fvisibility=hidden -o $@ $(NARRATOR) \
		$(DL) -lpthread
tests/short_memory.so: tests/short_memory.c
	$(CC) $(STANDARD) $(WARNINGS) $(NARRATOR_FLAGS) -fPIC -shared -o $@ tests/short_memory.c $(DL)

.SUFFIXES: .c .o
.c.o:
	$(CC) $(STANDARD) $(WARNINGS) $(CFLAGS) -c -o $@ $<

LINK = $(CC) $(CFLAGS) $(LDFLAGS) -o $@

01-blocking/echo_server: 01-blocking/echo_server.o 01-blocking/serve.o $(COMMON)
	$(LINK) 01-blocking/echo_server.o 01-blocking/serve.o $(COMMON)
01-blocking/echo_server_threads: 01-blocking/echo_server_threads.o 01-blocking/serve.o $(COMMON)
	$(LINK) 01-blocking/echo_server_threads.o 01-blocking/serve.o $(COMMON) -lpthread
01-blocking/echo_client: 01-blocking/echo_client.o $(COMMON)
	$(LINK) 01-blocking/echo_client.o $(COMMON)
02-nonblocking-polling/echo_server: 02-nonblocking-polling/echo_server.o $(COMMON)
	$(LINK) 02-nonblocking-polling/echo_server.o $(COMMON)
03-select/echo_server: 03-select/echo_server.o $(COMMON)
	$(LINK) 03-select/echo_server.o $(COMMON)
04-poll/echo_server: 04-poll/echo_server.o $(COMMON)
	$(LINK) 04-poll/echo_server.o $(COMMON)
04-poll/connect_client: 04-poll/connect_client.o $(COMMON)
	$(LINK) 04-poll/connect_client.o $(COMMON)
05-epoll/echo_server: 05-epoll/echo_server.o $(COMMON)
	$(LINK) 05-epoll/echo_server.o $(COMMON)
06-selectors-style/echo_server: 06-selectors-style/echo_server.o $(SELECTOR) $(COMMON)
	$(LINK) 06-selectors-style/echo_server.o $(SELECTOR) $(COMMON)
$(A6)/chat_server: $(A6)/chat_server.o $(MESSAGES) $(SERVING) $(SELECTOR) $(COMMON)
	$(LINK) $(A6)/chat_server.o $(MESSAGES) $(SERVING) $(SELECTOR) $(COMMON)
$(A6)/game_server: $(A6)/game_server.o $(MESSAGES) $(SERVING) $(SELECTOR) $(COMMON)
	$(LINK) $(A6)/game_server.o $(MESSAGES) $(SERVING) $(SELECTOR) $(COMMON)
$(A6)/ticker_server: $(TICKER) $(MESSAGES) $(SERVING) $(SELECTOR) $(COMMON)
	$(LINK) $(TICKER) $(MESSAGES) $(SERVING) $(SELECTOR) $(COMMON)
$(A6)/binary_server: $(A6)/binary_server.o $(A6)/frames.o $(SERVING) $(SELECTOR) $(COMMON)
	$(LINK) $(A6)/binary_server.o $(A6)/frames.o $(SERVING) $(SELECTOR) $(COMMON)
$(A6)/chat_client: $(A6)/chat_client.o $(CHATTING) $(JSON_TEXT) $(COMMON)
	$(LINK) $(A6)/chat_client.o $(CHATTING) $(JSON_TEXT) $(COMMON)
common/narrate: $(NARRATE) $(COMMON)
	$(LINK) $(NARRATE) $(COMMON)
common/errno_table: common/errno_table.o $(COMMON)
	$(LINK) common/errno_table.o $(COMMON)
tests/client: tests/client.o
	$(LINK) tests/client.o
tests/apps/probe: $(PROBE) slides/stage/gauge.o $(A6)/buffer.o $(JSON_TEXT) $(COMMON)
	$(LINK) $(PROBE) slides/stage/gauge.o $(A6)/buffer.o $(JSON_TEXT) $(COMMON)
tests/grade/cage: tests/grade/cage.o
	$(LINK) tests/grade/cage.o
tests/grade/faulty: tests/grade/faulty.o
	$(LINK) tests/grade/faulty.o
tests/faults/matrix: $(MATRIX) $(COMMON)
	$(LINK) $(MATRIX) $(COMMON)
tests/bench/audience: $(AUDIENCE) $(SELECTOR) $(COMMON)
	$(LINK) $(AUDIENCE) $(SELECTOR) $(COMMON)
tests/bench/floor: tests/bench/floor.o
	$(LINK) tests/bench/floor.o
tests/bench/floor_broadcast: tests/bench/floor_broadcast.o
	$(LINK) tests/bench/floor_broadcast.o
tests/bench/load: $(LOAD) $(SELECTOR) $(COMMON)
	$(LINK) $(LOAD) $(SELECTOR) $(COMMON)
tests/soak/soak: $(SOAK) $(SELECTOR) $(COMMON)
	$(LINK) $(SOAK) $(SELECTOR) $(COMMON)
tests/bench/waits: tests/bench/waits.o $(SELECTOR) $(COMMON)
	$(LINK) tests/bench/waits.o $(SELECTOR) $(COMMON)
tests/narrator_probe: tests/narrator_probe.o
	$(LINK) tests/narrator_probe.o -lpthread
tests/json_probe: tests/json_probe.o tests/json_tree.o $(A6)/buffer.o $(JSON_TEXT)
	$(LINK) tests/json_probe.o tests/json_tree.o $(A6)/buffer.o $(JSON_TEXT)
tests/selector_probe: tests/selector_probe.o $(SELECTOR) $(COMMON)
	$(LINK) tests/selector_probe.o $(SELECTOR) $(COMMON)
slides/stage/stage: $(STAGE) $(STAGE_WEB) $(STAGE_LIBRARY) $(SELECTOR) $(COMMON)
	$(LINK) $(STAGE) $(STAGE_WEB) $(STAGE_LIBRARY) $(SELECTOR) $(COMMON)
tests/stage_web_probe: tests/stage_web_probe.o $(STAGE_WEB) $(A6)/buffer.o $(JSON_TEXT) $(SELECTOR) \
		$(COMMON)
	$(LINK) tests/stage_web_probe.o $(STAGE_WEB) $(A6)/buffer.o $(JSON_TEXT) $(SELECTOR) $(COMMON)

tests/fuzz/fault: tests/fuzz/fault.o common/fault.o common/narrated.o common/errno_name.o \
		common/io_status.o $(FUZZ_BASE)
	$(LINK) tests/fuzz/fault.o common/fault.o common/narrated.o common/errno_name.o \
		common/io_status.o $(FUZZ_BASE)
tests/fuzz/frames: tests/fuzz/frames.o $(A6)/frames.o $(A6)/buffer.o $(FUZZ_BASE)
	$(LINK) tests/fuzz/frames.o $(A6)/frames.o $(A6)/buffer.o $(FUZZ_BASE)
tests/fuzz/http: tests/fuzz/http.o slides/stage/http.o slides/stage/http_text.o $(A6)/buffer.o \
		$(FUZZ_BASE)
	$(LINK) tests/fuzz/http.o slides/stage/http.o slides/stage/http_text.o $(A6)/buffer.o \
		$(FUZZ_BASE)
tests/fuzz/json: tests/fuzz/json.o tests/json_tree.o $(JSON_TEXT) $(A6)/buffer.o $(FUZZ_BASE)
	$(LINK) tests/fuzz/json.o tests/json_tree.o $(JSON_TEXT) $(A6)/buffer.o $(FUZZ_BASE)
tests/fuzz/lines: tests/fuzz/lines.o $(A6)/lines.o $(A6)/buffer.o $(FUZZ_BASE)
	$(LINK) tests/fuzz/lines.o $(A6)/lines.o $(A6)/buffer.o $(FUZZ_BASE)
tests/fuzz/options: tests/fuzz/options.o tests/fuzz/options_without_exit.o common/die.o \
		common/clock.o common/io_status.o $(FUZZ_BASE)
	$(LINK) tests/fuzz/options.o tests/fuzz/options_without_exit.o common/die.o \
		common/clock.o common/io_status.o $(FUZZ_BASE)
# options_parse ends the program if a command line is wrong; here its harness has to go on.
tests/fuzz/options_without_exit.o: common/options.c
	$(CC) $(STANDARD) $(WARNINGS) $(CFLAGS) -Dexit=fuzz_exit -c -o $@ common/options.c
tests/fuzz/scene: tests/fuzz/scene.o $(SCENE_READER) $(A6)/buffer.o $(A6)/utf8.o $(COMMON) $(FUZZ_BASE)
	$(LINK) tests/fuzz/scene.o $(SCENE_READER) $(A6)/buffer.o $(A6)/utf8.o $(COMMON) $(FUZZ_BASE)
tests/fuzz/selector: tests/fuzz/selector.o tests/fuzz/world.o $(SELECTOR) $(COMMON) $(FUZZ_BASE)
	$(LINK) tests/fuzz/selector.o tests/fuzz/world.o $(SELECTOR) $(COMMON) $(FUZZ_BASE)

# Every object is built anew when any header has changed: simple, and quick enough here.
HEADERS = common/clock.h common/conn.h common/conn_table.h common/die.h common/errno_name.h \
	common/events.h common/fault.h common/io_status.h common/narrated.h common/net.h common/options.h common/rest.h common/stop.h \
	01-blocking/serve.h 06-selectors-style/selector.h \
	06-selectors-style/selector_backend.h 06-selectors-style/selector_change.h \
	06-selectors-style/selector_option.h \
	$(A6)/alerts.h $(A6)/bucket.h $(A6)/buffer.h $(A6)/chat_screen.h $(A6)/chat_typed.h \
	$(A6)/client.h $(A6)/frames.h $(A6)/json_reader.h $(A6)/json_writer.h $(A6)/lines.h \
	$(A6)/market.h $(A6)/message.h $(A6)/server.h $(A6)/stream.h $(A6)/timers.h \
	$(A6)/timestamp.h $(A6)/utf8.h tests/apps/probe.h tests/bench/audience.h \
	tests/bench/hearing.h tests/bench/histogram.h tests/bench/link.h tests/bench/pattern.h \
	tests/bench/silent.h tests/bench/talker.h tests/faults/faults.h tests/soak/visitor.h \
	tests/fuzz/fuzz.h tests/fuzz/world.h tests/json_tree.h \
	slides/stage/actor.h slides/stage/bars.h slides/stage/cast.h slides/stage/directing.h slides/stage/figures.h \
	slides/stage/gauge.h slides/stage/lane.h slides/stage/lineup.h slides/stage/load.h \
	slides/stage/measure.h slides/stage/play.h slides/stage/repertoire.h \
	slides/stage/report.h slides/stage/scene.h slides/stage/scene_lines.h \
	slides/stage/table.h slides/stage/terminal.h slides/stage/text.h \
	slides/stage/transcript.h slides/stage/words.h \
	slides/stage/debt.h slides/stage/http.h slides/stage/http_answer.h \
	slides/stage/http_text.h slides/stage/page_file.h slides/stage/record.h slides/stage/route.h \
	slides/stage/source.h slides/stage/viewer.h slides/stage/web.h
OBJECTS = $(COMMON) $(NARRATE) $(SELECTOR) 01-blocking/echo_server.o 01-blocking/serve.o \
	01-blocking/echo_server_threads.o 01-blocking/echo_client.o \
	02-nonblocking-polling/echo_server.o 03-select/echo_server.o 04-poll/echo_server.o \
	04-poll/connect_client.o 05-epoll/echo_server.o 06-selectors-style/echo_server.o \
	$(SERVING) $(MESSAGES) $(CHATTING) $(TICKER) $(A6)/frames.o $(A6)/chat_server.o \
	$(A6)/chat_client.o $(A6)/game_server.o $(A6)/binary_server.o \
	common/errno_table.o tests/client.o tests/grade/cage.o tests/grade/faulty.o $(PROBE) $(MATRIX) $(LOAD) $(SOAK) $(AUDIENCE) \
	tests/bench/floor.o tests/bench/floor_broadcast.o tests/bench/waits.o tests/json_probe.o tests/json_tree.o \
	tests/narrator_probe.o tests/selector_probe.o $(STAGE) $(STAGE_WEB) \
	tests/stage_web_probe.o $(FUZZ_OBJECTS)
$(OBJECTS): $(HEADERS)

test: all
	@tests/run

test-more: all
	@tests/run more

# SERVER or LESSON says what is graded. The shell gets the server's command as it is.
grade: all
	@set --; [ -z "$$JSON" ] || set -- -j "$$JSON"; \
	[ -z "$$JUNIT" ] || set -- "$$@" -x "$$JUNIT"; \
	[ -z "$$WEIGHTS" ] || set -- "$$@" -w "$$WEIGHTS"; \
	[ -z "$$ONLY" ] || set -- "$$@" -o "$$ONLY"; \
	if [ -n "$$SERVER" ]; then set -- "$$@" $(ARGS) "$$SERVER"; \
	else set -- "$$@" $(ARGS) $${LESSON:+-l "$$LESSON"}; fi; \
	tests/grade/grade "$$@"

grade-all: all
	@tests/grade/all -o "$${CSV:-grades.csv}" $${WEIGHTS:+-w "$$WEIGHTS"} $(ARGS) \
	"$${DIR:?says where the submissions are}"

faults: all
	@if [ "$$(uname -s)" = Linux ]; then tests/faults/matrix; \
	else echo "the fault matrix is for Linux: not played here"; fi

# SEED and SERVER reach it through the environment.
soak: all
	@MINUTES=$(MINUTES) tests/soak/run $(ARGS)

# NAME may be a pattern, which is not for this folder.
mutants: all
	@set -f; quick="$(QUICK)" whole="$(WHOLE)"; \
	tests/mutants/run $${quick:+-q} $${whole:+-a} $(NAME)

# FILE, SAMPLE and JOBS reach it through the environment.
mutation:
	@tests/mutation/run

# PART may name configurations: 'musl clang-lto'. What each needs is looked for by itself.
matrix:
	@quick="$(QUICK)"; tests/matrix $${quick:+-q} $(PART)

# PART may name suites of tests/run, and faults.
coverage:
	@tests/coverage $(PART)

# TARGET is one or more of tests/fuzz/seeds; without it all of them.
fuzz:
	@tests/fuzz/run -t "$(SECONDS)" $(TARGET)

# The figures are kept in DATA; PART is one of tests/bench/parts.
bench: all
	@data="$(DATA)"; quick="$(QUICK)"; \
	tests/bench/run $${quick:+-q} -d "$${data:-.build/bench}" $(PART) && \
	slides/figures/draw "$${data:-.build/bench}"

figures:
	@slides/figures/draw $(DATA)

slides:
	@slides/make-decks

slides-watch:
	@PORT=$(PORT) slides/make-decks -w

# RUN is one of slides/records, without its ending.
record: all
	@slides/record $(RUN) && slides/fill

# SERVER is a server of yours that plays beside the others. The shell gets it as it is.
demo: all
	@slides/stage/stage -s "$$SERVER" $(SCENE)

show: all
	@slides/stage/stage -w -p $(PORT) -s "$$SERVER"

report: all
	@slides/stage/stage -r $(REPORT) -s "$$SERVER" $(SCENE)
	@echo "written to $(REPORT)"

run: all
	@ls -d $(LESSON)-* >/dev/null 2>&1 || { echo "there is no lesson $(LESSON): 01 to 06"; exit 1; }
	@cd $(LESSON)-* && echo "stop it with Ctrl-C" && exec ./echo_server $(ARGS)

trace: all
	@ls -d $(LESSON)-* >/dev/null 2>&1 || { echo "there is no lesson $(LESSON): 01 to 06"; exit 1; }
	@exec common/narrate $(LESSON)-*/echo_server $(ARGS)

diff:
	@diff -u $(A)-*/echo_server.c $(B)-*/echo_server.c || true

.PHONY: learn list exercise hint skip reset solution
learn: all
	@tests/exercises/run learn

list:
	@tests/exercises/run list

# EX is an exercise: 04-build. FORCE=1 shows a solution before it is earned.
exercise: all
	@tests/exercises/run check "$(EX)"

hint:
	@tests/exercises/run hint "$(EX)"

skip:
	@tests/exercises/run skip "$(EX)"

reset:
	@tests/exercises/run reset "$(EX)"

solution:
	@FORCE=$(FORCE) tests/exercises/run solution "$(EX)"

check: all
	@tests/check

# TOOL is one of clang-tidy, cppcheck, gcc.
analyze:
	@tests/analyze $(TOOL)

clean:
	@rm -f $(OBJECTS) $(L01) $(L02) $(L03) $(L04) $(L05) $(L06) $(APPS) $(TOOLS) \
		tests/faults/matrix common/narrator.so tests/short_memory.so
	@rm -rf .build slides/build
	@for source in 0*/exercise/*.c; do rm -f "$${source%.c}" "$${source%.c}.o"; done

help:
	@echo "make                    builds everything"
	@echo "make demo               shows the six servers side by side; SCENE=chat for one,"
	@echo "                        SERVER='./my_server -p {port}' for yours beside them"
	@echo "make show               the same as a page to be projected; PORT=9080"
	@echo "make report             the same as one file to be mailed; REPORT=stage.html"
	@echo "make test               holds every server to the contract"
	@echo "make test-more          tests the rest: the applications, the stage, the grader ..."
	@echo "make grade              grades a server: SERVER='./my_server -p {port}', or LESSON=04 for"
	@echo "                        your exercise; ONLY='...', JSON=, JUNIT= and WEIGHTS= name files"
	@echo "make grade-all DIR=...  grades a folder of submissions; CSV=grades.csv"
	@echo "make faults             makes every call of every server fail in every way"
	@echo "make soak               thousands of clients, good and bad, against every server;"
	@echo "                        MINUTES=10, SEED=7 for the same ones again, SERVER= for yours"
	@echo "make mutants            plants each classic bug, and shows that the tests catch it;"
	@echo "                        NAME='c1-*' for some, QUICK=1 for the test that has to fail alone,"
	@echo "                        WHOLE=1 with its whole suite"
	@echo "make mutation           changes the sources a line at a time, and looks whether the tests"
	@echo "                        see it; FILE=common/conn.c, SAMPLE=10 for ten of each file, JOBS=2"
	@echo "make matrix             the tests under every compiler, C library, sanitizer and valgrind;"
	@echo "                        PART='clang musl' for some, QUICK=1 with fewer suites"
	@echo "make coverage           which lines and branches the tests reach; it takes long"
	@echo "make fuzz               makes up input that breaks a promise: TARGET=json for one parser,"
	@echo "                        SECONDS=60 for each; with clang's libFuzzer"
	@echo "make bench              measures what each way to wait costs here; QUICK=1 in a minute,"
	@echo "                        PART=waits for a part, DATA=slides/figures to keep the figures"
	@echo "make figures            draws slides/figures anew from its data"
	@echo "make slides             makes the slides, with Marp: slides/build/*.html and *.pdf"
	@echo "make slides-watch       shows them in a browser while you change them; PORT=9080"
	@echo "make record             runs again what the slides quote; RUN=03-narrated for one run"
	@echo "make run LESSON=03      runs a lesson's server; ARGS='-p 8000' for its options"
	@echo "make trace LESSON=03    the same, and each call with its reason (common/narrate)"
	@echo "make diff A=03 B=04     what changes from one lesson to the next"
	@echo "make learn              the exercises, one after the other, checked when you save"
	@echo "make list               which there are, and how far you are"
	@echo "make exercise EX=04-build  checks one; also make hint, make reset, make solution;"
	@echo "                        make skip leaves it for later"
	@echo "make check              format, lint and the rules of style"
	@echo "make analyze            clang-tidy, cppcheck and the analyzer of gcc; TOOL=cppcheck for one"
	@echo "make clean              removes what was built"

.PHONY: all linux-alone narrator test test-more grade grade-all faults soak mutants mutation fuzz matrix coverage bench figures slides slides-watch record demo show report run trace diff check analyze clean help
