/*
 * stick CALL FOLDER [ignore]: a thread calls bind(), setsockopt() or listen() (CALL) in a way that never comes to an end: with an address or a value on a
 * page that a child of the program serves and that never comes, or on a socket whose lock a thread has that waits for such a page. Says its
 * process id and that of the child once it is so. With "ignore" SIGTERM is ignored, by the child too.
 */
#include "hostile.h"
#include "stuck_page.h"

static struct stuck_page page;
static const char *what;
static int one;

static void *hold_lock(void *unused) {
    (void)unused;
    /* The kernel reads the options while it has the socket's lock. */
    setsockopt(one, IPPROTO_IP, IP_OPTIONS, page.address, 8);
    return NULL;
}

static void *stick(void *unused) {
    (void)unused;
    if (strcmp(what, "bind") == 0)
        bind(one, page.address, sizeof(struct sockaddr_in));
    else if (strcmp(what, "setsockopt") == 0)
        setsockopt(one, SOL_SOCKET, SO_REUSEADDR, page.address, sizeof(int));
    else
        listen(one, 5);
    return NULL;
}

int main(int count, char **words) {
    if (count < 3)
        return 2;
    what = words[1];
    int ignores = count > 3;
    if (ignores)
        signal(SIGTERM, SIG_IGN);
    struct sockaddr_in name = at4("127.0.0.1", 8080);
    page = stuck_page(words[2], &name, sizeof name, ignores);
    one = socket(AF_INET, SOCK_STREAM, 0);
    if (strcmp(what, "bind") != 0 && bind(one, (struct sockaddr *)&name, sizeof name) != 0)
        broken("bind");
    if (strcmp(what, "listen") == 0)
        thread(hold_lock, NULL);
    else
        thread(stick, NULL);
    if (!is_waited_for(&page, 30000))
        broken("nobody waits for the page");
    if (strcmp(what, "listen") == 0)
        thread(stick, NULL);
    /* The call of the last kind leaves no trace by which one could wait for it. */
    usleep(200000);
    printf("{\"pid\": %d, \"server\": %d}\n", getpid(), page.server);
    fflush(stdout);
    for (;;)
        pause();
}
