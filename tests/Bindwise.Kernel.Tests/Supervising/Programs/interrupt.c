/*
 * interrupt PROCESS: every third call of a process to a seccomp listener (seccomp_unotify(2)) ends with EINTR before it did anything, as where a signal
 * comes while the kernel waits for the listener's lock (mutex_lock_interruptible()). Says {} once it is so, or {"lacks": 1} on another processor
 * than x86-64; goes on until the process ends.
 */
#include "hostile.h"
#include <dirent.h>
#include <sys/ptrace.h>
#include <sys/user.h>

#ifndef __x86_64__
int main(void) {
    puts("{\"lacks\": 1}");
    return 0;
}
#else
enum { MOST = 1 << 16, OPTIONS = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE };

/* Of a thread, by its number's last bits: it is in a call, and in one that is to fail. */
static char is_inside[MOST], is_failing[MOST];

static int is_of_listener(const struct user_regs_struct *registers) {
    uint32_t request = registers->rsi;
    return registers->orig_rax == SYS_ioctl && (request & 0xff00) == '!' << 8;
}

static void at_call(pid_t thread, unsigned *count) {
    struct user_regs_struct registers;
    int slot = thread % MOST;
    if (ptrace(PTRACE_GETREGS, thread, 0, &registers) != 0)
        return;
    is_inside[slot] = !is_inside[slot];
    if (is_inside[slot] && is_of_listener(&registers) && ++*count % 3 == 0) {
        is_failing[slot] = 1;
        registers.orig_rax = -1;
        ptrace(PTRACE_SETREGS, thread, 0, &registers);
    } else if (!is_inside[slot] && is_failing[slot]) {
        is_failing[slot] = 0;
        registers.rax = -EINTR;
        ptrace(PTRACE_SETREGS, thread, 0, &registers);
    }
}

int main(int count, char **words) {
    if (count != 2)
        return 2;
    char folder[64];
    unsigned calls = 0;
    int status;
    snprintf(folder, sizeof folder, "/proc/%s/task", words[1]);
    DIR *threads = opendir(folder);
    if (threads == NULL)
        broken(folder);
    for (struct dirent *entry; (entry = readdir(threads)) != NULL;)
        if (atoi(entry->d_name) > 0 && (ptrace(PTRACE_SEIZE, atoi(entry->d_name), 0, OPTIONS) != 0 || ptrace(PTRACE_INTERRUPT, atoi(entry->d_name), 0, 0) != 0))
            broken("PTRACE_SEIZE");
    puts("{}");
    fflush(stdout);
    for (pid_t thread; (thread = waitpid(-1, &status, __WALL)) > 0;) {
        if (!WIFSTOPPED(status))
            continue;
        int signal = WSTOPSIG(status), event = status >> 16;
        if (signal == (SIGTRAP | 0x80))
            at_call(thread, &calls);
        ptrace(PTRACE_SYSCALL, thread, 0, signal == (SIGTRAP | 0x80) || event != 0 ? 0 : signal);
    }
    return calls > 0 ? 0 : 1;
}
#endif
