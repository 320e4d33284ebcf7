/* The least that C can do for an invocation: blocking socket, one buffer, nothing checked. With the argument "one-write"
   the response and the next poll leave together. Never a runtime to ship. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char in[16 << 20], out[16 << 20];
static size_t have;
static int fd;

/* Reads until a whole message is there; gives its length and where its body begins. */
static size_t message(size_t *body) {
  for (;;) {
    char *end = have ? memmem(in, have, "\r\n\r\n", 4) : NULL;
    if (end) {
      char *length = strcasestr(in, "content-length:");
      *body = end - in + 4;
      size_t whole = *body + strtoul(length + 15, NULL, 10);
      if (have >= whole) return whole;
    }
    ssize_t got = read(fd, in + have, sizeof in - have - 1);
    if (got <= 0) exit(0);
    have += got;
    in[have] = 0;
  }
}

static void drop(size_t count) { memmove(in, in + count, have -= count); }

static void put(const char *bytes, size_t count) {
  while (count > 0) {
    ssize_t sent = write(fd, bytes, count);
    if (sent <= 0) exit(1);
    bytes += sent;
    count -= sent;
  }
}

int main(int argc, char **argv) {
  int together = argc > 1 && strcmp(argv[1], "one-write") == 0, on = 1;
  char *host = strdup(getenv("AWS_LAMBDA_RUNTIME_API")), *port = strchr(host, ':'), next[200];
  *port++ = 0;
  int asked = sprintf(next, "GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: %s\r\n\r\n", host);
  struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(atoi(port))};
  inet_pton(AF_INET, host, &at.sin_addr);
  fd = socket(AF_INET, SOCK_STREAM, 0);
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (connect(fd, (struct sockaddr *)&at, sizeof at)) return 1;
  put(next, asked);
  for (;;) {
    size_t body, whole = message(&body), size = whole - body;
    char *id = strcasestr(in, "aws-request-id: ") + 16;
    int head = sprintf(out, "POST /2018-06-01/runtime/invocation/%.*s/response HTTP/1.1\r\nHost: %s\r\nContent-Length: %zu\r\n\r\n",
                       (int)strcspn(id, "\r"), id, host, size);
    memcpy(out + head, in + body, size);
    size += head;
    drop(whole);
    if (together) memcpy(out + size, next, asked), size += asked;
    put(out, size);
    drop(message(&body));
    if (!together) put(next, asked);
  }
}
