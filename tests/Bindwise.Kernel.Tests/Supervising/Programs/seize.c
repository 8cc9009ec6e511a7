/*
 * seize PROCESS: nobody tries to get at its supervisor, which is root's: what of it succeeded, or "held-off".
 */
#include "hostile.h"
#include <sys/ptrace.h>
#include <sys/uio.h>

int main(int count, char **words) {
    if (count != 2)
        return 2;
    pid_t process = atoi(words[1]);
    char memory[64], byte;
    snprintf(memory, sizeof memory, "/proc/%d/mem", process);
    if (geteuid() == 0)
        drop_to(0);
    struct iovec here = { &byte, 1 }, there = { (void *)0x400000, 1 };
    int handle = syscall(SYS_pidfd_open, process, 0);
    if (handle < 0)
        broken("pidfd_open");
    if (kill(process, 0) == 0)
        say("SIGNALLED");
    if (ptrace(PTRACE_SEIZE, process, 0, 0) == 0)
        say("TRACED");
    if (process_vm_readv(process, &here, 1, &there, 1, 0) >= 0 || errno != EPERM)
        say("READ");
    /* pidfd_getfd */
    if (syscall(438, handle, 0, 0) >= 0)
        say("TOOK");
    if (open(memory, O_RDWR) >= 0)
        say("OPENED");
    /* Neither as root of a user namespace of its own. */
    if (unshare(CLONE_NEWUSER) == 0 && (ptrace(PTRACE_SEIZE, process, 0, 0) == 0 || syscall(438, handle, 0, 0) >= 0))
        say("TRACED");
    say("held-off");
}
