/* The conversations with an echo server. */
#include "faults.h"

enum {
    LINE_SIZE = 16,
    STREAM_SIZE = 100 * 1024,
    FLOW_SIZE = 1024 * 1024,
    NVISITORS = 20,
    NTALKERS = 8,
    NROUNDS = 400 /* of each talker */
};

/* Those who come, say a word and leave again: each call is made often enough for a run of
   twenty faults to end. */
static void visit(struct run *r)
{
    for (int i = 0; i < NVISITORS; i++) {
        struct person *p = person_join(r, "a visitor");
        person_echo(r, p, LINE_SIZE);
        person_leave(p);
    }
}

void echo_play(struct run *r)
{
    struct person *ann = person_join(r, "ann");
    person_echo(r, ann, LINE_SIZE);
    struct person *bob = person_join(r, "bob");
    person_echo(r, bob, STREAM_SIZE);
    person_leave(person_join(r, "cy"));
    struct person *dan = person_join(r, "dan");
    person_echo(r, dan, LINE_SIZE);
    person_reset(dan);
    person_echo(r, ann, LINE_SIZE);
    visit(r);
    person_echo(r, ann, LINE_SIZE);
    person_echo(r, person_join(r, "the late client"), LINE_SIZE);
    run_rest(r);
}

void echo_play_singly(struct run *r)
{
    struct person *ann = person_join(r, "ann");
    person_echo(r, ann, LINE_SIZE);
    person_echo(r, ann, LINE_SIZE);
    person_leave(ann);
    struct person *bob = person_join(r, "bob");
    person_echo(r, bob, STREAM_SIZE);
    person_leave(bob);
    person_leave(person_join(r, "cy"));
    struct person *dan = person_join(r, "dan");
    person_echo(r, dan, LINE_SIZE);
    person_reset(dan);
    visit(r);
    person_echo(r, person_join(r, "the late client"), LINE_SIZE);
    run_rest(r);
}

void echo_flow(struct run *r)
{
    person_echo(r, person_join(r, "ann"), FLOW_SIZE);
}

void echo_crowd(struct run *r)
{
    struct person *talkers[NTALKERS];
    for (int i = 0; i < NTALKERS; i++)
        talkers[i] = person_join(r, "a talker");
    for (size_t round = 0; round < NROUNDS; round++) {
        for (size_t i = 0; i < NTALKERS; i++)
            person_echo(r, talkers[i], 1 + (round * 7 + i) % 200);
        if (round % 20 == 0) {
            struct person *p = person_join(r, "a visitor");
            person_echo(r, p, STREAM_SIZE);
            person_leave(p);
        }
    }
    run_rest(r);
}

void echo_crowd_singly(struct run *r)
{
    for (size_t i = 0; i < NTALKERS; i++) {
        struct person *p = person_join(r, "a talker");
        for (size_t round = 0; round < NROUNDS; round++)
            person_echo(r, p, 1 + (round * 7 + i) % 200);
        person_echo(r, p, STREAM_SIZE);
        person_leave(p);
    }
    run_rest(r);
}
