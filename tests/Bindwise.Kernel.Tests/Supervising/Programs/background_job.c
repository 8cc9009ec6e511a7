/*
 * background_job COMMAND...: a shell in a terminal of its own that runs COMMAND in the background, and as soon as it has stopped (SIGTTOU) in the foreground:
 * "stopped ended N", with the exit code. Without words: the command, which sets the terminal's attributes.
 */
#include "hostile.h"
#include <termios.h>

int main(int count, char **words) {
    if (count == 1) {
        struct termios attributes;
        int terminal = open("/dev/tty", O_RDWR);
        return terminal < 0 || tcgetattr(terminal, &attributes) != 0 || tcsetattr(terminal, TCSANOW, &attributes) != 0 ? 1 : 7;
    }
    char name[64];
    int master = posix_openpt(O_RDWR | O_NOCTTY);
    if (master < 0 || grantpt(master) != 0 || unlockpt(master) != 0 || ptsname_r(master, name, sizeof name) != 0)
        broken("terminal");
    /* A group's leader cannot make a session. */
    if (getpgrp() == getpid() && fork() != 0) {
        int status;
        wait(&status);
        return WEXITSTATUS(status);
    }
    setsid();
    int terminal = open(name, O_RDWR), status;
    if (terminal < 0 || ioctl(terminal, TIOCSCTTY, 0) < 0)
        broken("TIOCSCTTY");
    signal(SIGTTOU, SIG_IGN);
    pid_t job = fork();
    if (job == 0) {
        signal(SIGTTOU, SIG_DFL);
        setpgid(0, 0);
        execv(words[1], words + 1);
        broken(words[1]);
    }
    setpgid(job, job);
    if (waitpid(job, &status, WUNTRACED) != job || !WIFSTOPPED(status))
        say("not stopped: %x", status);
    if (tcsetpgrp(terminal, job) != 0 || kill(-job, SIGCONT) != 0 || waitpid(job, &status, 0) != job)
        broken("foreground");
    say("stopped ended %d", WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}
