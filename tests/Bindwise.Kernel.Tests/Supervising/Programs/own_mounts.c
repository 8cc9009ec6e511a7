/*
 * own_mounts: root of a user namespace of its own, with a /proc and a /dev/null of its own making, binds an address twice: what the second bind() says.
 */
#include "hostile.h"
#include <sys/mount.h>

int main(void) {
    char path[64], users[64], groups[64];
    snprintf(users, sizeof users, "0 %d 1", geteuid());
    snprintf(groups, sizeof groups, "0 %d 1", getegid());
    if (unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0)
        broken("unshare");
    write_file("/proc/self/setgroups", "deny");
    write_file("/proc/self/uid_map", users);
    write_file("/proc/self/gid_map", groups);
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 || mount("none", "/proc", "tmpfs", 0, NULL) != 0
        || mount("none", "/dev", "tmpfs", 0, NULL) != 0 || mkfifo("/dev/null", 0666) != 0)
        broken("mounts");
    /* What a look at this process would find is a lie, or never comes. */
    snprintf(path, sizeof path, "/proc/%d", getpid());
    if (mkdir(path, 0777) != 0 || symlink(path, "/proc/self") != 0 || chdir(path) != 0 || mkfifo("status", 0666) != 0 || mkfifo("cmdline", 0666) != 0)
        broken("proc");
    struct sockaddr_in name = at4("127.0.0.1", 8080);
    int one = socket(AF_INET, SOCK_STREAM, 0), other = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(one, (struct sockaddr *)&name, sizeof name) != 0 || listen(one, 5) != 0)
        broken("bind");
    say("%s", errno_word(bind(other, (struct sockaddr *)&name, sizeof name) == 0 ? 0 : errno));
}
