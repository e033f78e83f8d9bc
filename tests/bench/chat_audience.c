#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "../../common/clock.h"
#include "../../common/die.h"
#include "../../slides/stage/gauge.h"
#include "audience.h"
#include "hearing.h"

enum { WARM_UP = 4 /* turns */, TURN = 8 /* windows */ };

/* A server's room, and what was said in it. */
struct room {
    const struct site *site;
    struct hearing hearing;
    size_t nsaid, nchecked; /* nchecked: lines that were looked at */
    bool *was_heard;        /* by the number of the message */
    double wall_us, cpu_us, own_us;
    long switches;
    size_t nmeasured, first_byte; /* of what is measured */
};

static int last_fd(const struct hearing *h)
{
    return h->listeners[h->nlisteners - 1].fd;
}

static void open_room(struct room *room, const struct site *site, size_t nclients,
                      size_t nmessages)
{
    *room = (struct room){.site = site, .was_heard = calloc(nmessages, sizeof(bool))};
    if (room->was_heard == NULL)
        die_errno("%zu messages", nmessages);
    hearing_open(&room->hearing, site->port, nclients, nmessages);
    /* Everybody is greeted with a line, by the floor too: it has accepted all before it
       reads what the last one says. */
    if (site->floor_bytes > 0 && send(last_fd(&room->hearing), "\n", 1, 0) != 1)
        die_errno("could not greet the floor");
    for (size_t i = 0; i < nclients; i++)
        hearing_take_line(room->hearing.listeners[i].fd);
    hearing_begin(&room->hearing);
}

/* Message n is said by a client far from the one before. All are equally long. */
static void say_next(struct room *room)
{
    char text[64];
    const struct hearing *h = &room->hearing;
    int size = snprintf(text, sizeof text, "{\"type\":\"chat\",\"text\":\"%08zu\"}\n",
                        room->nsaid);
    int fd = h->listeners[room->nsaid * 7919 % h->nlisteners].fd;
    if (send(fd, text, (size_t)size, 0) != size)
        die_errno("could not say message %zu", room->nsaid);
    room->nsaid++;
}

/* Each line is a message that was said and that was not heard before. */
static void check_line(struct room *room, size_t i)
{
    static const char begins[] = "{\"type\":\"chat\",", before[] = "\"message\":\"";
    size_t size, floor_bytes = room->site->floor_bytes;
    const char *line = hearing_line(&room->hearing, i, &size);
    if (floor_bytes > 0) {
        if (size != floor_bytes || i >= room->nsaid)
            die("line %zu: expected %zu bytes, saw %zu", i, floor_bytes, size);
        return;
    }
    char text[512] = "";
    memcpy(text, line, size < sizeof text ? size : sizeof text - 1);
    const char *message = strstr(text, before);
    size_t number = message != NULL ? strtoul(message + strlen(before), NULL, 10) : 0;
    if (strncmp(text, begins, strlen(begins)) != 0 || message == NULL ||
        number >= room->nsaid || room->was_heard[number])
        die("expected a message that was not heard before, saw '%s'", text);
    room->was_heard[number] = true;
}

/* At the end of a turn nothing is under way: what the turn cost is known. */
static void play_turn(struct room *room, size_t nmessages, size_t window)
{
    struct hearing *h = &room->hearing;
    size_t end = room->nsaid + nmessages;
    pid_t pid = room->site->pid;
    double start_us = clock_now_us(), own_us = gauge_own_us(), cpu_us = gauge_cpu_us(pid);
    while (h->nwhole < end) {
        while (room->nsaid < end && room->nsaid - h->nwhole < window)
            say_next(room);
        hearing_listen(h);
        for (; room->nchecked < h->nlines; room->nchecked++)
            check_line(room, room->nchecked);
    }
    room->cpu_us += gauge_cpu_us(pid) - cpu_us;
    room->own_us += gauge_own_us() - own_us;
    room->wall_us += clock_now_us() - start_us;
    room->nmeasured += nmessages;
}

static void forget(struct room *room)
{
    room->wall_us = room->cpu_us = room->own_us = 0;
    room->nmeasured = 0;
    room->first_byte = buffer_size(&room->hearing.stream);
    room->switches = gauge_switches(room->site->pid);
}

static void print_room(const struct room *room, size_t window)
{
    const struct hearing *h = &room->hearing;
    double count = (double)room->nmeasured, seconds = room->wall_us / 1e6;
    double bytes = (double)(buffer_size(&h->stream) - room->first_byte);
    printf("port=%d clients=%zu window=%zu messages=%.0f seconds=%.3f messages_s=%.1f",
           room->site->port, h->nlisteners, window, count, seconds, count / seconds);
    printf(" deliveries_s=%.0f bytes=%.1f own_us=%.1f",
           count * (double)h->nlisteners / seconds, bytes / count, room->own_us / count);
    if (room->site->pid != 0)
        printf(" cpu_us=%.1f switches=%.2f", room->cpu_us / count,
               (double)(gauge_switches(room->site->pid) - room->switches) / count);
    printf("\n");
}

void chat_audience(const struct site *sites, size_t nsites, size_t nclients,
                   size_t nmessages, size_t window)
{
    struct room rooms[MAX_SITES];
    size_t turn = TURN * window, nsaid = 0;
    for (size_t i = 0; i < nsites; i++) {
        open_room(&rooms[i], &sites[i], nclients, nmessages + WARM_UP * turn);
        play_turn(&rooms[i], WARM_UP * turn, window);
        forget(&rooms[i]);
    }
    for (; nsaid < nmessages; nsaid += turn)
        for (size_t i = 0; i < nsites; i++)
            play_turn(&rooms[i], nmessages - nsaid < turn ? nmessages - nsaid : turn,
                      window);
    for (size_t i = 0; i < nsites; i++) {
        print_room(&rooms[i], window);
        hearing_close(&rooms[i].hearing);
        free(rooms[i].was_heard);
    }
}
