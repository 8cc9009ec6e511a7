/*
 * disturb PROCESS TIMES: stops a process and lets it go on, so many times without pause, as a debugger or a frozen control group does: a system call
 * that waits then fails with EINTR, whatever signals the process handles.
 */
#include "hostile.h"

int main(int count, char **words) {
    if (count != 3)
        return 2;
    pid_t process = atoi(words[1]);
    for (int left = atoi(words[2]); left > 0 && kill(process, SIGSTOP) == 0 && kill(process, SIGCONT) == 0; left--)
        usleep(20);
    return 0;
}
