/* A server as a first lesson writes it, without an option: server PORT. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int count, char **arguments) {
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(count > 1 ? atoi(arguments[1]) : 8080) };
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0 || listen(listener, 5) != 0) {
        perror("bind");
        return 1;
    }
    for (;;)
        close(accept(listener, NULL, NULL));
}
