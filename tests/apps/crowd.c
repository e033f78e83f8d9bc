#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../slides/stage/gauge.h"
#include "probe.h"

enum { WINDOW = 64 /* messages said and not heard by all */, SAMPLES_EVERY_MS = 500 };

struct listener {
    struct player conn;
    unsigned long long nheard;
    uint64_t hash; /* of all bytes heard: in order, and the same for all */
};

static struct {
    struct listener *listeners;
    struct pollfd *polls;
    size_t size;
    unsigned long long nsaid, nheard; /* nheard: by everybody */
    uint64_t said, heard;             /* sums over the messages, whatever their order */
    double end_ms, next_sample_ms;    /* end_ms: 0 for none */
    long first_kib, last_kib;
} crowd;

/* 0 where the system does not show it. */
static long server_kib(void)
{
    long kib = gauge_memory_kib((pid_t)probe_server_pid);
    return kib > 0 ? kib : 0;
}

static void gather(size_t size)
{
    long before_kib = server_kib();
    crowd.size = size;
    crowd.listeners = calloc(size, sizeof *crowd.listeners);
    crowd.polls = calloc(size, sizeof *crowd.polls);
    if (crowd.listeners == NULL || crowd.polls == NULL)
        probe_fail("no memory for %zu clients", size);
    for (size_t i = 0; i < size; i++) {
        probe_at("crowd of %zu: client %zu", size, i);
        referee_join(&crowd.listeners[i].conn, app_find("chat"));
        player_must_be_quiet(&crowd.listeners[i].conn);
        crowd.polls[i] =
            (struct pollfd){.fd = crowd.listeners[i].conn.fd, .events = POLLIN};
        crowd.listeners[i].hash = 14695981039346656037u;
    }
    probe_at("crowd of %zu", size);
    if (before_kib != 0)
        printf("memory of the server: %ld KiB, %.2f KiB for each client that is idle\n",
               server_kib(), (double)(server_kib() - before_kib) / (double)size);
}

/* A number for each message that makes any two sums of different messages differ. */
static uint64_t mark_of(unsigned long long message)
{
    probe_seed(message);
    return probe_below(UINT64_MAX);
}

/* Message n is said by a client far from the one before. */
static void say_next(void)
{
    char text[64];
    snprintf(text, sizeof text, "{'type':'chat','text':'%llu'}\n", crowd.nsaid);
    player_tell(&crowd.listeners[crowd.nsaid * 7919 % crowd.size].conn, text);
    crowd.said += mark_of(crowd.nsaid++);
}

/* The first client alone reads which messages these are. */
static void read_messages(struct player *c)
{
    while (player_whole(c) > 0) {
        struct text line = player_hear(c);
        const char *text = strstr(line.bytes, "\"message\":\"");
        if (text == NULL || strncmp(line.bytes, "{\"type\":\"chat\"", 14) != 0)
            probe_fail("expected a chat message, saw '%s'", line.bytes);
        crowd.heard += mark_of(strtoull(text + 11, NULL, 10));
    }
}

/* FNV-1a, a byte at a time: pieces are as TCP cuts them. */
static void listen_to(struct listener *l)
{
    ssize_t n = player_peek(&l->conn);
    if (n == 0)
        probe_fail("expected messages for client %zu, saw the end after %llu",
                   (size_t)(l - crowd.listeners), l->nheard);
    size_t size = buffer_size(&l->conn.in);
    const char *bytes = buffer_first(&l->conn.in);
    for (size_t i = size - (size_t)(n > 0 ? n : 0); i < size; i++) {
        l->hash = (l->hash ^ (unsigned char)bytes[i]) * 1099511628211u;
        l->nheard += bytes[i] == '\n';
    }
    if (l == crowd.listeners)
        read_messages(&l->conn);
    else
        buffer_clear(&l->conn.in);
}

static void sample_memory(double at_ms)
{
    if (at_ms < crowd.next_sample_ms)
        return;
    crowd.next_sample_ms = at_ms + SAMPLES_EVERY_MS;
    crowd.last_kib = server_kib();
    if (crowd.first_kib == 0)
        crowd.first_kib = crowd.last_kib;
}

static bool is_enough(unsigned long long nmessages)
{
    return nmessages > 0 ? crowd.nsaid == nmessages : probe_now_ms() >= crowd.end_ms;
}

static void listen_to_all(void)
{
    if (poll(crowd.polls, (nfds_t)crowd.size, PATIENCE_MS) <= 0)
        probe_fail("%llu messages said: everybody heard %llu, and no more comes",
                   crowd.nsaid, crowd.nheard);
    crowd.nheard = crowd.nsaid;
    for (size_t i = 0; i < crowd.size; i++) {
        if (crowd.polls[i].revents != 0)
            listen_to(&crowd.listeners[i]);
        if (crowd.listeners[i].nheard < crowd.nheard)
            crowd.nheard = crowd.listeners[i].nheard;
    }
}

/* Ends after this many messages or, if that is 0, at end_ms. Memory is looked at while
   nothing is under way: what waits to be sent is no growth. */
static void talk(unsigned long long nmessages)
{
    for (;;) {
        double at_ms = probe_now_ms();
        if (crowd.nheard == crowd.nsaid)
            sample_memory(at_ms);
        while (crowd.nsaid - crowd.nheard < WINDOW && at_ms < crowd.next_sample_ms &&
               !is_enough(nmessages))
            say_next();
        if (crowd.nheard == crowd.nsaid)
            return;
        listen_to_all();
    }
}

/* Everybody has heard the same, the first one has heard each message once, and the next
   that comes to anyone is what it asks for now: nothing came twice. */
static void must_agree(void)
{
    static const char wanted[] = "{\"type\":\"emoji_changed\",\"emoji\":\"x\"}";
    for (size_t i = 0; i < crowd.size; i++) {
        struct listener *l = &crowd.listeners[i];
        probe_at("crowd of %zu: client %zu", crowd.size, i);
        if (l->nheard != crowd.nsaid)
            probe_fail("expected %llu messages, saw %llu", crowd.nsaid, l->nheard);
        if (l->hash != crowd.listeners[0].hash)
            probe_fail("heard other messages than client 0, or in another order");
        player_tell(&l->conn, "{'type':'set_emoji','emoji':'x'}\n");
        struct text answer = player_hear(&l->conn);
        if (answer.bytes == NULL || strcmp(answer.bytes, wanted) != 0)
            probe_fail("expected '%s', saw '%s'", wanted,
                       answer.bytes != NULL ? answer.bytes : "the end");
        player_close(&l->conn);
    }
    if (crowd.said != crowd.heard)
        probe_fail("heard %llu messages, but not each of them once", crowd.nsaid);
}

void crowd_run(size_t size, unsigned long long nmessages, long seconds, long most_kib)
{
    alarm((unsigned)(PROBE_LIMIT_S + seconds));
    gather(size);
    double start_ms = probe_now_ms();
    crowd.end_ms = start_ms + (double)seconds * 1e3;
    crowd.next_sample_ms = nmessages == 0 ? start_ms + (double)seconds * 200 : 1e18;
    talk(nmessages);
    double took_s = (probe_now_ms() - start_ms) / 1e3, said = (double)crowd.nsaid;
    printf("clients %zu, messages %.0f, deliveries %.0f, seconds %.2f, messages/s %.0f, "
           "deliveries/s %.0f\n",
           size, said, said * (double)size, took_s, said / took_s,
           said * (double)size / took_s);
    must_agree();
    long grown_kib = crowd.last_kib - crowd.first_kib;
    if (nmessages == 0)
        printf("memory of the server: %ld KiB after a fifth of the time, then %+ld KiB\n",
               crowd.first_kib, grown_kib);
    if (nmessages == 0 && grown_kib > most_kib)
        probe_fail("expected a growth of %ld KiB at most, saw %ld", most_kib, grown_kib);
}
