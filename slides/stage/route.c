#include "route.h"

#include <stdio.h>
#include <string.h>

#include "../../common/die.h"
#include "page_file.h"

/* A name longer than this is no scene's. */
enum { NAME_SIZE = 64, ADDRESS_SIZE = 32 };

/* What is done about a request for a path. */
enum deed { SHOW, WATCH, PLAY, STOP, NOTHING };

static const char reads[] = "GET, HEAD", orders[] = "POST";
static const char script[] = "text/javascript; charset=utf-8";

static struct route {
    const char *path, *allow;
    enum deed deed;
    const char *type; /* to show: what it is, and the file that it was read from */
    const char *file;
    struct buffer body;
} routes[] = {
    {"/", reads, SHOW, "text/html; charset=utf-8", "index.html", {0}},
    {"/stage.css", reads, SHOW, "text/css; charset=utf-8", "stage.css", {0}},
    {"/model.js", reads, SHOW, script, "model.js", {0}},
    {"/draw.js", reads, SHOW, script, "draw.js", {0}},
    {"/stage.js", reads, SHOW, script, "stage.js", {0}},
    {"/scenes", reads, SHOW, "application/json", NULL, {0}},
    {"/events", reads, WATCH, NULL, NULL, {0}},
    {"/favicon.ico", reads, NOTHING, NULL, NULL, {0}}, /* browsers ask for it unasked */
    {"/play", orders, PLAY, NULL, NULL, {0}},
    {"/stop", orders, STOP, NULL, NULL, {0}},
};

enum { NROUTES = sizeof routes / sizeof routes[0] };

static char hosts[2][ADDRESS_SIZE]; /* what a viewer on this machine may call us */
static const char *const *names;
static bool playing;
static enum web_wish wish;
static const char *wished_name;

/* ---- who may ask ---- */

static bool is_our_host(struct http_text host)
{
    return http_text_is_word(host, hosts[0]) || http_text_is_word(host, hosts[1]);
}

/* "http://127.0.0.1:8080", as the Fetch standard writes it (section 3.2). */
static bool is_our_origin(struct http_text origin)
{
    static const char scheme[] = "http://";
    size_t size = sizeof scheme - 1;
    return origin.size > size && memcmp(origin.first, scheme, size) == 0 &&
           is_our_host(http_text_behind(origin, size));
}

/* A page of another site may lead to ours by a link, and that is all. A browser that
   knows Sec-Fetch-Site says where a request comes from (W3C, Fetch Metadata). */
static bool is_welcome(const struct http_request *r)
{
    if (!is_our_host(r->host))
        return false;
    if (r->method == HTTP_POST && r->origin.first != NULL && !is_our_origin(r->origin))
        return false;
    bool is_link = r->method == HTTP_GET && http_text_is(r->path, "/");
    return is_link || !http_text_is_word(r->fetch_site, "cross-site");
}

/* ---- what they get ---- */

/* The name of a scene, as we have it, or NULL. */
static const char *find_name(const char *name)
{
    for (size_t i = 0; names[i] != NULL; i++)
        if (strcmp(names[i], name) == 0)
            return names[i];
    return NULL;
}

/* One wish is kept: a stop takes back a scene that was wished for and not begun. */
static enum http_status wish_for_scene(const struct http_request *r)
{
    char name[NAME_SIZE];
    if (!http_query_value(r, "scene", name, sizeof name))
        return HTTP_BAD_REQUEST;
    const char *found = find_name(name);
    if (found == NULL)
        return HTTP_NOT_FOUND;
    if (playing || wish == WEB_PLAY)
        return HTTP_CONFLICT;
    wish = WEB_PLAY;
    wished_name = found;
    return HTTP_ACCEPTED;
}

static struct route *find_route(struct http_text path)
{
    for (size_t i = 0; i < NROUTES; i++)
        if (http_text_is(path, routes[i].path))
            return &routes[i];
    return NULL;
}

/* HTTP_OK if the route is for this request. */
static enum http_status judge(const struct http_request *r, const struct route *route)
{
    if (!is_welcome(r))
        return HTTP_FORBIDDEN;
    if (route == NULL)
        return HTTP_NOT_FOUND;
    if ((r->method == HTTP_POST) != (route->allow == orders))
        return HTTP_NOT_ALLOWED;
    return HTTP_OK;
}

void route_answer(struct viewer *v)
{
    const struct http_request *r = &v->request;
    const struct route *route = find_route(r->path);
    enum http_status status = judge(r, route);
    if (status != HTTP_OK) {
        viewer_tell(v, status, status == HTTP_NOT_ALLOWED ? route->allow : NULL);
        return;
    }
    switch (route->deed) {
    case SHOW:
        viewer_show(v, route->type,
                    (struct http_text){route->body.bytes, buffer_size(&route->body)});
        return;
    case WATCH:
        viewer_watch(v);
        return;
    case PLAY:
        viewer_tell(v, wish_for_scene(r), NULL);
        return;
    case STOP:
        wish = WEB_STOP;
        viewer_tell(v, HTTP_ACCEPTED, NULL);
        return;
    case NOTHING:
        viewer_tell(v, HTTP_NO_CONTENT, NULL);
    }
}

enum web_wish route_next_wish(char *name, size_t size)
{
    enum web_wish next = wish;
    if (next == WEB_PLAY)
        snprintf(name, size, "%s", wished_name);
    wish = WEB_NOTHING;
    return next;
}

void route_set_playing(bool is_playing)
{
    playing = is_playing;
}

/* ---- opening and closing ---- */

void route_open(const char *page_dir, const char *scenes, const char *const *scene_names)
{
    names = scene_names;
    for (size_t i = 0; i < NROUTES; i++)
        if (routes[i].file != NULL)
            page_file_add(&routes[i].body, page_dir, routes[i].file);
    struct buffer *body = &find_route((struct http_text){"/scenes", 7})->body;
    buffer_add_text(body, scenes);
    if (body->failed)
        die_errno("scenes");
}

void route_set_port(int port)
{
    snprintf(hosts[0], ADDRESS_SIZE, "127.0.0.1:%d", port);
    snprintf(hosts[1], ADDRESS_SIZE, "localhost:%d", port);
}

void route_close(void)
{
    for (size_t i = 0; i < NROUTES; i++)
        buffer_free(&routes[i].body);
}
