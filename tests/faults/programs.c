#include "faults.h"

enum { ANY = -1 }; /* whatever the verdict */

#define APP(name) ("06-selectors-style/apps/" name)

/* One program a line, and one exception. */
/* clang-format off */
const struct program programs[] = {
    {"01-blocking", {"01-blocking/echo_server", "-p", "0"},
     ONE_AT_A_TIME, NULL, echo_play_singly, echo_flow, echo_crowd_singly},
    {"01-threads", {"01-blocking/echo_server_threads", "-p", "0"},
     0, NULL, echo_play, echo_flow, echo_crowd},
    {"02-polling", {"02-nonblocking-polling/echo_server", "-p", "0", "-n", "1"},
     BUSY, NULL, echo_play, echo_flow, echo_crowd},
    {"03-select", {"03-select/echo_server", "-p", "0"},
     0, "select", echo_play, echo_flow, echo_crowd},
    {"04-poll", {"04-poll/echo_server", "-p", "0"},
     0, "poll", echo_play, echo_flow, echo_crowd},
    {"05-epoll", {"05-epoll/echo_server", "-p", "0"},
     0, "epoll_wait", echo_play, echo_flow, echo_crowd},
    {"05-edge", {"05-epoll/echo_server", "-p", "0", "-e"},
     EDGE, "epoll_wait", echo_play, echo_flow, echo_crowd},
    {"06-epoll", {"06-selectors-style/echo_server", "-p", "0", "-s", "epoll"},
     0, "epoll_wait", echo_play, echo_flow, echo_crowd},
    {"06-poll", {"06-selectors-style/echo_server", "-p", "0", "-s", "poll"},
     0, "poll", echo_play, echo_flow, echo_crowd},
    {"06-select", {"06-selectors-style/echo_server", "-p", "0", "-s", "select"},
     0, "select", echo_play, echo_flow, echo_crowd},
    {"chat", {APP("chat_server"), "-p", "0"},
     0, "epoll_wait", app_chat, NULL, app_chat_crowd},
    {"chat-poll", {APP("chat_server"), "-p", "0", "-s", "poll"},
     0, "poll", app_chat, NULL, app_chat_crowd},
    {"game", {APP("game_server"), "-p", "0"},
     0, "epoll_wait", app_game, NULL, app_game_crowd},
    {"ticker", {APP("ticker_server"), "-p", "0", "-t", "50", "-r", "7"},
     0, "epoll_wait", app_ticker, NULL, NULL},
    {"binary", {APP("binary_server"), "-p", "0"},
     0, "epoll_wait", app_binary, app_binary_flow, app_binary_crowd},
    {"echo-client", {"01-blocking/echo_client", "-p", "{port}"},
     IS_CLIENT, NULL, peer_echo, NULL, NULL},
    {"connect-client", {"04-poll/connect_client", "127.0.0.1", "{port}"},
     IS_CLIENT, "poll", peer_echo, NULL, NULL},
    {"chat-client", {APP("chat_client"), "127.0.0.1", "{port}"},
     IS_CLIENT, "poll", peer_chat, NULL, NULL},
};

const struct exception exceptions[] = {
    /* Edge-triggered, a descriptor is reported once for what has arrived. A call that
       lies about it leaves the client waiting. */
    {"05-edge", "accept", "EAGAIN", "*", ANY, EFFECT_HANGS,
     "the client that waits is not reported again before the next one comes"},
    {"05-edge", "recv", "EAGAIN", "*", ANY, EFFECT_HANGS,
     "the bytes that are there are not reported again"},
    {"05-edge", "recv", "short=1", "*", ANY, EFFECT_HANGS,
     "a short read means that nothing is left (epoll(7), question 9)"},
    {"05-edge", "send", "EAGAIN", "[12][-/]*", ANY, EFFECT_HANGS,
     "the second failure in a row: that there is room was reported before it"},
    {"05-edge", "send", "*", "[12][-/]*", IO_PENDING, EFFECT_HANGS, "as EAGAIN"},
    /* What strikes the listening socket and the stop pipe strikes set-up. */
    {"05-*", "epoll_ctl", "*", "[12]", IO_ERROR_BACK_OFF, EFFECT_MAY_END,
     "set-up may die"},
    {"06-epoll", "epoll_ctl", "*", "1", ANY, EFFECT_MAY_END,
     "set-up may die, and says what for, not of what call"},
    {"[!0]*", "epoll_ctl", "*", "1", ANY, EFFECT_MAY_END, "as 06-epoll"},
    {"*", "epoll_ctl", "*", "*", IO_ERROR_BACK_OFF, EFFECT_ENDS_STRUCK,
     "the row says so: this connection is closed, the others are served"},
    /* A client has nobody else to serve. */
    {"*-client", "connect", "*", "*", IO_ERROR_BACK_OFF, EFFECT_MAY_END,
     "whoever started a client decides when to try again"},
    {"echo-client", "*", "*", "*", IO_ERROR_BACK_OFF, EFFECT_MAY_END, "as connect"},
    {"connect-client", "recv", "*", "*", IO_ERROR_BACK_OFF, EFFECT_MAY_END,
     "as connect"},
    {"connect-client", "send", "*", "*", IO_ERROR_BACK_OFF, EFFECT_MAY_END,
     "as connect"},
    {"chat-client", "send", "*", "*", IO_ERROR_CONNECTION, EFFECT_PEER_LEAVES,
     "it reads what the server says last before it ends: so the server leaves"},
    /* A blocking socket knows no "not yet". */
    {"echo-client", "*", "EAGAIN", "*", IO_RETRY_WHEN_READY, EFFECT_MAY_END,
     "on a blocking socket: its time limit has passed (socket(7))"},
    {"echo-client", "connect", "EINPROGRESS", "*", ANY, EFFECT_MAY_END, "as EAGAIN"},
    {"echo-client", "connect", "EALREADY", "*", ANY, EFFECT_MAY_END,
     "a new socket knows no earlier attempt"},
    {"echo-client", "send", "*", "*", IO_PENDING, EFFECT_MAY_END,
     "only a send that connects says so (MSG_FASTOPEN in tcp(7)): it makes none"},
};
/* clang-format on */

const size_t nprograms = sizeof programs / sizeof programs[0];
const size_t nexceptions = sizeof exceptions / sizeof exceptions[0];
