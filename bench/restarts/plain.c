/* A server as tutorials print it: no option, one answer a client, closes first. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(argc > 1 ? atoi(argv[1]) : 8080) };
    if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0) {
        perror("bind");
        return 1;
    }
    listen(listener, 16);
    for (;;) {
        char question[100];
        int client = accept(listener, NULL, NULL);
        if (client < 0)
            continue;
        if (read(client, question, sizeof question) >= 0)
            (void)!write(client, "hello\n", 6);
        close(client);
    }
}
