#include <string.h>

#include "probe.h"

/* In these texts ' stands for ". No conversation has a ' of its own. */

#define X64 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
#define X320 X64 X64 X64 X64 X64 /* too long a line for a server with -l 256 */

static const char chat_talk[] =
    "{'type':'chat','text':'hello'}\n\n\r\n{'type':'set_emoji','emoji':'🦀'}\r\n"
    "{'type':'chat','text':'\\u00e9 é \\ud83d\\ude00 🚀 \\n\\\\'}\n"
    "{'type':'history'}\n"
    "{'type':'join_room','room':'gaming'}\n {'text' : '日本', 'type' : 'chat'} \r\n"
    "{'type':'who'}\n{'type':'history'}\n{'type':'chat','text':''}\n{'type':'chat'\n}\n"
    "{'type':'join_room','room':'attic'}\n{'type':'dance'}\n[1]\n{'type':7}\n\xff\n"
    "{'type':'set_emoji','emoji':'\\ud83d'}\n{'type':'join_room','room':'general'}\n"
    "{'type':'who'}\n" X320 "\n{'type':'who'}\n";

static const char game_talk[] =
    "{'type':'move','dx':1,'dy':-1}\n{'type':'score','points':5}\r\n\n\r\n"
    "{'dy':7e0,'type':'\\u006dove'}\n{'type':'score'}\n{'type':'move','dx':1,'dy':0.5}\n"
    " {'type' : 'move', 'dx' : 1000001}\n{'type':'fly','🚀':'é'}\nnull\n{'type':'move'"
    "\n}\n{'type':'score','points':-1000000}\n{'type':'score','points':'5'}\n\xff\n" X320
    "\n{'type':'move'}\n";

static const char ticker_talk[] =
    "{'type':'subscribe','symbols':['AAPL','TSLA']}\n\n\r\n{'type':'subscribe'}\r\n"
    "{'type':'unsubscribe','symbols':['\\u0054SLA']}\n"
    "{'type':'subscribe','symbols':['MSFT','🍎']}\n{'type':'subscribe','symbols':[1]}\n"
    "{'type':'history','symbol':'AAPL','count':20}\n{'type':'history','symbol':'AAPL'}\n"
    "{'type':'history','symbol':'AAPL','count':101}\n{'type':'buy'}\n\xff\n{'type'\n"
    "{'type':'alert','symbol':'AAPL','above':155.5}\n{'type':'alert','symbol':'IBM'}\n"
    "{'type' : 'alert' , 'symbol':'AMZN','below':1}\n"
    "{'type':'unsubscribe','symbols':[]}\n" X320 "\n{'type':'buy'}\n";

static const char binary_talk[] =
    "\0\0\0\5\0\1hello\0\0\0\0\0\2\0\0\0\4\0\3🚀\0\0\0\7\0\4\0\0\0\1\0\1x"
    "\0\0\1\100\0\2" X320 "\0\0\0\2\377\377\r\n\0\0\0\1\0\0y\0\20\0\1\0\1xxxxxxxx";

static const struct app apps[] = {
    {"chat", chat_talk, sizeof chat_talk - 1, 1, "{'type':'join_room','room':'tech'}\n",
     "{'type':'who'}\n", " chat join_room set_emoji history who ",
     " chat room_changed emoji_changed history who ", " text room emoji ", false},
    {"game", game_talk, sizeof game_talk - 1, 2, NULL, "{'type':'move'}\n",
     " move score ", " state ", " dx dy points ", false},
    {"ticker", ticker_talk, sizeof ticker_talk - 1, 1, NULL,
     "{'type':'subscribe','symbols':[]}\n", " subscribe unsubscribe history alert ",
     " snapshot history alert_set ", " symbols symbol count above below ", true},
    {"binary", binary_talk, sizeof binary_talk - 1, .limited = false},
};

const struct app *app_find(const char *name)
{
    static char talk[4096];
    static struct app app;
    for (size_t i = 0; i < sizeof apps / sizeof apps[0]; i++)
        if (strcmp(apps[i].name, name) == 0)
            app = apps[i];
    if (app.name == NULL)
        return NULL;
    for (size_t i = 0; i < app.talk_size; i++)
        talk[i] = app.talk[i] == '\'' ? '"' : app.talk[i];
    app.talk = talk;
    return &app;
}
