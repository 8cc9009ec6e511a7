/*
 * take_over_thread FOLDER SETUID: started as root, drops to nobody. Its leader calls bind() with the address 127.0.0.1:80 on a page that does not come;
 * another thread executes SETUID, a setuid-root copy of this program, and so becomes the thread of the leader's number, now root's. Only then the page
 * comes. A process that shares the socket looks whether it is bound.
 * take_over_thread (as SETUID, without words): waits until it is killed.
 */
#include "hostile.h"
#include "stuck_page.h"

static struct stuck_page page;
static char *setuid_file;

static void *execute(void *unused) {
    (void)unused;
    /* Bare, the leader itself waits for the page. */
    if (!is_waited_for(&page, 30000))
        broken("nobody reads the address");
    execl(setuid_file, setuid_file, NULL);
    broken(setuid_file);
}

/* Root by its file: the second number of "Uid:" is the effective user. */
static int is_root(pid_t process) {
    char path[64], line[256];
    unsigned real, effective = NOBODY;
    snprintf(path, sizeof path, "/proc/%d/status", process);
    FILE *status = fopen(path, "r");
    while (status != NULL && fgets(line, sizeof line, status) != NULL)
        if (sscanf(line, "Uid: %u %u", &real, &effective) == 2)
            break;
    if (status != NULL)
        fclose(status);
    return effective == 0;
}

static void look(int one, pid_t leader) {
    char room[64];
    for (int left = 30000; !is_root(leader); left--) {
        /* A supervisor that reads the page serves nothing else meanwhile. */
        if (left == 0)
            say("STUCK");
        usleep(1000);
    }
    let_come(&page);
    /* What is served after it has been served before this is; then a while longer, for who serves several at once. */
    struct sockaddr_in other = at4("127.0.0.1", 8081);
    bind(socket(AF_INET, SOCK_STREAM, 0), (struct sockaddr *)&other, sizeof other);
    const char *where = "unbound";
    for (int left = 2000; left > 0 && strcmp(where, "unbound") == 0; left--) {
        where = place(one, room, sizeof room);
        usleep(1000);
    }
    kill(page.server, SIGKILL);
    char line[80];
    int length = snprintf(line, sizeof line, "%s\n", strcmp(where, "unbound") == 0 ? "held-off" : "BOUND");
    if (write(STDOUT_FILENO, line, length) != length)
        _exit(4);
    /* nobody may not end root's process; the pipe that it reads ends with this one. */
    _exit(0);
}

int main(int count, char **words) {
    if (count == 1)
        return read(STDIN_FILENO, &count, 1) == 0 ? 0 : 1;
    if (count != 3)
        return 2;
    setuid_file = words[2];
    struct sockaddr_in low = at4("127.0.0.1", 80);
    page = stuck_page(words[1], &low, sizeof low, 0);
    int one = socket(AF_INET, SOCK_STREAM, 0), end[2];
    if (pipe(end) != 0)
        broken("pipe");
    pid_t leader = getpid();
    drop_to(0);
    pid_t sibling = fork();
    if (sibling == 0) {
        close(end[0]);
        look(one, leader);
    }
    if (dup2(end[0], STDIN_FILENO) < 0)
        broken("dup2");
    close(end[0]);
    close(end[1]);
    thread(execute, NULL);
    if (bind(one, page.address, sizeof low) != 0)
        fprintf(stderr, "bind: %s\n", strerrorname_np(errno));
    pause();
}
