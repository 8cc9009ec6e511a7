/*
 * many_binds COUNT THREADS: so many times altogether, sockets are bound, listen and are closed; says how many did. A call that is lost never ends.
 */
#include "hostile.h"

static int count_each;
static _Atomic int done;

static void *go(void *number) {
    struct sockaddr_in name = at4("127.0.0.1", 20000 + (int)(intptr_t)number);
    for (int left = count_each; left > 0; left--) {
        int one = socket(AF_INET, SOCK_STREAM, 0), yes = 1;
        if (setsockopt(one, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == 0 && bind(one, (struct sockaddr *)&name, sizeof name) == 0 && listen(one, 1) == 0)
            done++;
        else
            perror("bind");
        close(one);
    }
    return NULL;
}

int main(int count, char **words) {
    if (count != 3)
        return 2;
    int threads = atoi(words[2]);
    pthread_t all[64];
    count_each = atoi(words[1]) / threads;
    for (int index = 0; index < threads; index++)
        all[index] = thread(go, (void *)(intptr_t)index);
    for (int index = 0; index < threads; index++)
        pthread_join(all[index], NULL);
    say("%d", done);
}
