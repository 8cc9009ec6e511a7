/*
 * leave_child: what it starts goes to the background (fork, setsid, fork), and binds there after the end of both parents. Says which process it is and
 * whether SO_REUSEADDR was set on its socket by then. Goes on until it is killed.
 */
#include "hostile.h"

int main(void) {
    if (fork() != 0)
        return 0;
    setsid();
    pid_t session = getpid();
    if (fork() != 0)
        _exit(0);
    while (getppid() == session)
        usleep(1000);
    struct sockaddr_in name = at4("127.0.0.1", 8080);
    int one = socket(AF_INET, SOCK_STREAM, 0), value = 0;
    socklen_t length = sizeof value;
    if (bind(one, (struct sockaddr *)&name, sizeof name) != 0 || listen(one, 5) != 0 || getsockopt(one, SOL_SOCKET, SO_REUSEADDR, &value, &length) != 0)
        broken("bind");
    printf("{\"pid\": %d, \"reuse\": %d}\n", getpid(), value);
    fflush(stdout);
    for (;;)
        pause();
}
