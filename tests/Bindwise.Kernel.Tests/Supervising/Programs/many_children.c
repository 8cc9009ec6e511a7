/*
 * many_children COUNT: starts so many processes, one after the other, each of which binds one port and listens; every other one as an orphan. Says
 * {"pid": N} after the first hundred, waits for a line, starts the rest, says {}, and goes on until it is killed.
 */
#include "hostile.h"

static void start(int count) {
    struct sockaddr_in name = at4("127.0.0.1", 8080);
    for (int index = 0; index < count; index++) {
        int end[2];
        if (pipe(end) != 0)
            broken("pipe");
        pid_t child = fork();
        if (child < 0)
            broken("fork");
        if (child == 0) {
            if (index % 2 != 0 && fork() != 0)
                _exit(0);
            int one = socket(AF_INET, SOCK_STREAM, 0), yes = 1;
            setsockopt(one, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
            _exit(bind(one, (struct sockaddr *)&name, sizeof name) == 0 && listen(one, 1) == 0 ? 0 : 1);
        }
        /* Whoever of them is left has the pipe. */
        char byte;
        close(end[1]);
        if (read(end[0], &byte, 1) != 0)
            broken("pipe");
        close(end[0]);
        waitpid(child, NULL, 0);
    }
}

int main(int count, char **words) {
    if (count != 2)
        return 2;
    int all = atoi(words[1]), first = 100;
    char byte;
    start(first);
    printf("{\"pid\": %d}\n", getpid());
    fflush(stdout);
    if (read(STDIN_FILENO, &byte, 1) != 1)
        return 1;
    start(all - first);
    printf("{}\n");
    fflush(stdout);
    pause();
    return 0;
}
