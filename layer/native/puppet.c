/*
 * A process without a will of its own, which an emulator starts as a function's bootstrap or as an extension. It asks the
 * suite what to send to the APIs of its environment and tells what comes back: the same language as
 * src/conformance/fixtures/puppet/puppet.cjs. One line is one command or one piece of news; bytes stand in base64.
 *
 * It stands alone, without a C library, and so runs in any image of its architecture.
 */
#include "kernel.h"

/* "HOST PORT ROLE" is written here when the puppet is put in its place: its file is all that it needs. */
static volatile char place[512] = "@THE PLACE OF THIS PUPPET@";

enum kind { NOBODY, CONTROL, SIGNALS, API, HTTP_LISTENER, TCP_LISTENER, HTTP_HEARER, TCP_HEARER };

struct socket {
	enum kind kind;
	int fd, connected, ended, closing, closes_when_heard;
	char name[256];
	struct bytes in, out, ends; /* `ends`: where in `out` each write ends */
	long refused;               /* of a listener: how many requests it still refuses */
	struct socket *listener;
	int told_to_continue;
};

enum { SOCKETS = 256, PIECE = 1 << 16 };
static struct socket sockets[SOCKETS];
static struct socket *const control = &sockets[0];
static struct bytes news;
static const char *api = "";
static int stubborn;

/* --- what the suite is told --- */

static void word(const char *text) {
	if (news.length) add_text(&news, " ");
	add_text(&news, text);
}

static void word_in_base64(const char *data, long count) {
	add_text(&news, " ");
	add_base64(&news, data, count);
}

/* A number as a word. */
static void figure(long number) {
	add_text(&news, " ");
	add_number(&news, number);
}

/* Without its suite there is nothing to do; that is no fault of the emulator's. */
static void say(void) {
	add_text(&news, "\n");
	for (long sent = 0; sent < news.length;) {
		long count = call(SENDTO, control->fd, (long)news.at + sent, news.length - sent, MSG_NOSIGNAL, 0, 0);
		if (count == -EINTR) continue;
		if (count < 0) leave(0);
		sent += count;
	}
	news.length = 0;
}

static void say_of(const char *what, struct socket *socket) {
	word(what);
	word(socket->name);
	say();
}

/* What was told must arrive: a connection that is closed with unread bytes is reset. */
static __attribute__((noreturn)) void end(long code) {
	static char unread[PIECE];
	call(SHUTDOWN, control->fd, SHUT_WR, 0, 0, 0, 0);
	struct pollfd rest = {control->fd, POLLIN, 0};
	long now[2] = {0, 0};
	while (call(PPOLL, (long)&rest, 1, (long)now, 0, 8, 0) > 0 && call(READ, control->fd, (long)unread, PIECE, 0, 0, 0) > 0) {}
	leave(code);
}

/* --- sockets --- */

static struct socket *take(enum kind kind, long fd, const char *name) {
	for (struct socket *free = sockets; free < sockets + SOCKETS; free++) {
		if (free->kind != NOBODY) continue;
		struct bytes in = free->in, out = free->out, ends = free->ends;
		*free = (struct socket){.kind = kind, .fd = (int)fd, .in = in, .out = out, .ends = ends};
		free->in.length = free->out.length = free->ends.length = 0;
		long length = length_of(name);
		memcpy(free->name, name, length < 255 ? length : 255);
		return free;
	}
	leave(1);
}

static struct socket *find(const char *name) {
	for (struct socket *one = sockets; one < sockets + SOCKETS; one++)
		if (one->kind == API && same(one->name, name)) return one;
	return 0;
}

static void let_go(struct socket *socket) {
	call(CLOSE, socket->fd, 0, 0, 0, 0, 0);
	if (socket->kind == API) say_of("closed", socket);
	socket->kind = NOBODY;
}

static void fail(struct socket *socket, const char *doing, long error) {
	if (socket->kind == API) {
		static struct bytes why;
		why.length = 0;
		add_text(&why, doing);
		add_text(&why, error == -ECONNRESET     ? " ECONNRESET"
		               : error == -ECONNREFUSED ? " ECONNREFUSED"
		               : error == -EPIPE        ? " EPIPE"
		                                        : " failed with error ");
		if (error != -ECONNRESET && error != -ECONNREFUSED && error != -EPIPE) add_number(&why, -error);
		word("failed");
		word(socket->name);
		word_in_base64(why.at, why.length);
		say();
	}
	let_go(socket);
}

/* IPv4 addresses, and the name of the machine itself. */
static struct address address_of(const char *text) {
	struct address address = {.family = AF_INET, .host = {127, 0, 0, 1}};
	if (*text >= '0' && *text <= '9')
		for (int part = 0; part < 4; part++) {
			address.host[part] = (unsigned char)number_in(text);
			while (*text && *text != '.' && *text != ':' && *text != ' ') text++;
			if (*text == '.') text++;
		}
	while (*text && *text != ':' && *text != ' ') text++;
	long port = number_in(*text ? text + 1 : text);
	address.port[0] = (unsigned char)(port >> 8);
	address.port[1] = (unsigned char)port;
	return address;
}

static long stream(long flags) {
	long fd = call(SOCKET, AF_INET, SOCK_STREAM | CLOSE_ON_EXEC | flags, 0, 0, 0, 0);
	int on = 1;
	call(SETSOCKOPT, fd, IPPROTO_TCP, TCP_NODELAY, (long)&on, sizeof on, 0);
	return fd;
}

/* --- connections to an API --- */

static struct socket *open_api(const char *name) {
	struct address address = address_of(api);
	struct socket *socket = take(API, stream(NONBLOCKING), name);
	long result = call(CONNECT, socket->fd, (long)&address, sizeof address, 0, 0, 0);
	if (result == 0) {
		socket->connected = 1;
		say_of("opened", socket);
	} else if (result != -EINPROGRESS)
		fail(socket, "connect", result);
	return socket;
}

static long hear(struct socket *socket);

/* Sends what goes, and tells of each write that is through. */
static void flush(struct socket *socket) {
	long sent = 0;
	while (sent < socket->out.length) {
		long count = call(SENDTO, socket->fd, (long)socket->out.at + sent, socket->out.length - sent, MSG_NOSIGNAL, 0, 0);
		if (count == -EINTR) continue;
		if (count == -EAGAIN) break;
		if (count < 0) {
			/* What the other side said before it went away is still there. */
			while (socket->kind == API && hear(socket) > 0) {}
			if (socket->kind != NOBODY) fail(socket, "write", count);
			return;
		}
		sent += count;
	}
	if (sent == 0) return;
	drop(&socket->out, sent);
	long *ends = (long *)socket->ends.at, writes = socket->ends.length / (long)sizeof(long), through = 0;
	for (long write = 0; write < writes; write++)
		if ((ends[write] -= sent) <= 0) through++;
	drop(&socket->ends, through * (long)sizeof(long));
	while (through--) say_of("wrote", socket);
}

/* Whoever is to go, goes when what was written has gone. */
static void settle(struct socket *socket) {
	if (socket->kind != NOBODY && socket->connected && socket->out.length == 0 && (socket->closing || socket->ended)) let_go(socket);
}

/* `fill` letters stand between head and tail, so that a large body need not come over the control connection. */
static void write_api(const char *name, const char *head, long fill, const char *tail) {
	struct socket *socket = find(name);
	if (!socket) socket = open_api(name);
	if (socket->kind == NOBODY) return;
	add_decoded(&socket->out, head);
	memset(room_for(&socket->out, fill), 'a', fill);
	socket->out.length += fill;
	add_decoded(&socket->out, tail);
	add(&socket->ends, (char *)&socket->out.length, sizeof(long));
	if (socket->connected) flush(socket);
	settle(socket);
}

static void hear_api(struct socket *socket, const char *data, long count) {
	word("heard");
	word(socket->name);
	word_in_base64(data, count);
	say();
	if (!socket->closes_when_heard) return;
	int at_once[2] = {1, 0};
	call(SETSOCKOPT, socket->fd, SOL_SOCKET, SO_LINGER, (long)at_once, sizeof at_once, 0);
	let_go(socket);
}

/* --- telemetry --- */

static void tell(const char *listener, long status, const char *body, long count, const char *type, const char *id) {
	word("told");
	word(listener);
	figure(status);
	word_in_base64(body, count);
	word_in_base64(type, length_of(type));
	word_in_base64(id, length_of(id));
	say();
}

static void listen_for(const char *name, const char *protocol, long refused) {
	struct address address = {.family = AF_INET};
	int size = sizeof address;
	struct socket *listener = take(same(protocol, "TCP") ? TCP_LISTENER : HTTP_LISTENER, stream(NONBLOCKING), name);
	listener->refused = refused;
	call(BIND, listener->fd, (long)&address, size, 0, 0, 0);
	call(LISTEN, listener->fd, 128, 0, 0, 0, 0);
	call(GETSOCKNAME, listener->fd, (long)&address, (long)&size, 0, 0, 0);
	word("listening");
	word(name);
	figure(address.port[0] << 8 | address.port[1]);
	say();
}

static void welcome(struct socket *listener) {
	long fd = call(ACCEPT4, listener->fd, 0, 0, NONBLOCKING | CLOSE_ON_EXEC, 0, 0);
	if (fd < 0) return;
	struct socket *hearer = take(listener->kind == TCP_LISTENER ? TCP_HEARER : HTTP_HEARER, fd, listener->name);
	hearer->connected = 1;
	hearer->listener = listener;
}

static long index_of(const char *data, long from, long count, const char *what) {
	for (long length = length_of(what); from + length <= count; from++) {
		long same = 0;
		while (same < length && data[from + same] == what[same]) same++;
		if (same == length) return from;
	}
	return -1;
}

/* The value of a header, cut out of the head; empty where there is none. `name` is in small letters, with its colon. */
static void header(struct bytes *value, const char *head, long length, const char *name) {
	value->length = 0;
	for (long at = index_of(head, 0, length, "\r\n"); at >= 0 && at + 2 < length; at = index_of(head, at + 2, length, "\r\n")) {
		if (!begins(head + at + 2, name)) continue;
		long from = at + 2 + length_of(name), to = index_of(head, from, length, "\r\n");
		while (from < to && head[from] == ' ') from++;
		add(value, head + from, to - from);
		break;
	}
	add(value, "", 1);
}

/* The end of a body in chunks, whose bytes are collected; -1 while it is not all there. */
static long chunked_end(struct bytes *body, const char *data, long at, long count) {
	for (;;) {
		long line = index_of(data, at, count, "\r\n"), size = 0;
		if (line < 0) return -1;
		for (char digit; (digit = data[at]), (digit >= '0' && digit <= '9') || ((digit | 32) >= 'a' && (digit | 32) <= 'f'); at++)
			size = size * 16 + (digit <= '9' ? digit - '0' : (digit | 32) - 'a' + 10);
		if (size == 0) {
			long last = index_of(data, line, count, "\r\n\r\n");
			return last < 0 ? -1 : last + 4;
		}
		if (line + 2 + size + 2 > count) return -1;
		add(body, data + line + 2, size);
		at = line + 2 + size + 2;
	}
}

static void answer(struct socket *hearer, const char *text) {
	add_text(&hearer->out, text);
	add(&hearer->ends, (char *)&hearer->out.length, sizeof(long));
}

/* Answers the first request that is whole; whether there was one. */
static int answer_first(struct socket *hearer) {
	static struct bytes type, id, value, body;
	const char *data = hearer->in.at;
	long count = hearer->in.length, head = index_of(data, 0, count, "\r\n\r\n");
	if (head < 0) return 0;
	long from = head + 4, to;
	header(&value, data, from, "expect:");
	if (begins(value.at, "100-continue") && !hearer->told_to_continue) {
		hearer->told_to_continue = 1;
		answer(hearer, "HTTP/1.1 100 Continue\r\n\r\n");
	}
	body.length = 0;
	header(&value, data, from, "transfer-encoding:");
	if (begins(value.at, "chunked"))
		to = chunked_end(&body, data, from, count);
	else {
		header(&value, data, from, "content-length:");
		to = from + number_in(value.at);
		if (to <= count) add(&body, data + from, to - from);
	}
	if (to < 0 || to > count) return 0;
	header(&type, data, from, "content-type:");
	header(&id, data, from, "sequence-id:");
	header(&value, data, from, "connection:");
	int refuses = hearer->listener->refused > 0;
	if (refuses) hearer->listener->refused--;
	tell(hearer->name, refuses ? 500 : 200, body.at, body.length, type.at, id.at);
	answer(hearer, refuses ? "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n"
	                       : "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
	hearer->told_to_continue = 0;
	hearer->closing = begins(value.at, "close");
	drop(&hearer->in, to);
	return 1;
}

/* --- what the suite commands --- */

static void print(const char *to, const char *text) {
	static struct bytes words;
	words.length = 0;
	add_decoded(&words, text);
	struct pollfd ready = {same(to, "stderr") ? 2 : 1, POLLOUT, 0};
	for (long sent = 0; sent < words.length;) {
		long count = call(WRITE, ready.fd, (long)words.at + sent, words.length - sent, 0, 0, 0);
		if (count == -EAGAIN) call(PPOLL, (long)&ready, 1, 0, 0, 8, 0);
		else if (count >= 0) sent += count;
		else if (count != -EINTR) break;
	}
}

static int file(const char *command, const char *path) {
	if (same(command, "write-file")) {
		static const char text[] = "left by a puppet";
		long fd = call(OPENAT, AT_FDCWD, (long)path, O_WRONLY | O_CREAT | O_TRUNC | CLOSE_ON_EXEC, 0644, 0, 0);
		if (fd < 0) leave(1);
		call(WRITE, fd, (long)text, sizeof text - 1, 0, 0, 0);
		call(CLOSE, fd, 0, 0, 0, 0, 0);
		return 1;
	}
	int found = call(FACCESSAT, AT_FDCWD, (long)path, 0, 0, 0, 0) == 0;
	call(UNLINKAT, AT_FDCWD, (long)path, 0, 0, 0, 0);
	return found;
}

static void obey_about(struct socket *socket, const char *command) {
	if (!socket) return;
	if (same(command, "close")) socket->closing = 1;
	else socket->closes_when_heard = 1;
	settle(socket);
}

static void obey(char *line) {
	char *words[6] = {line, "", "", "", "", ""};
	for (int count = 1; *line && count < 6; line++)
		if (*line == ' ') {
			*line = 0;
			words[count++] = line + 1;
		}
	const char *command = words[0], *first = words[1];
	if (same(command, "open")) open_api(first);
	else if (same(command, "write")) write_api(first, words[2], number_in(words[3]), words[4]);
	else if (same(command, "close") || same(command, "close-when-heard")) obey_about(find(first), command);
	else if (same(command, "listen")) listen_for(first, words[2], number_in(words[3]));
	else if (same(command, "exit")) end(number_in(first));
	else if (same(command, "kill")) {
		call(KILL, call(GETPID, 0, 0, 0, 0, 0, 0), SIGKILL, 0, 0, 0, 0);
		/* The first process of a container cannot kill itself. */
		leave(128 + SIGKILL);
	} else if (same(command, "write-file") || same(command, "look-for-file")) {
		int found = file(command, first);
		word("file");
		figure(found);
		say();
	} else {
		if (same(command, "print")) print(first, words[2]);
		if (same(command, "ignore-sigterm")) stubborn = 1;
		word("pong");
		say();
	}
}

static void obey_all(void) {
	static long seen;
	long from = 0;
	for (long at = seen; at < control->in.length; at++) {
		if (control->in.at[at] != '\n') continue;
		control->in.at[at] = 0;
		obey(control->in.at + from);
		from = at + 1;
	}
	if (from) drop(&control->in, from);
	seen = control->in.length;
}

/* --- what happens --- */

/* One piece of what there is, and how long it was; marks the end, and lets go of what is broken. */
static long hear(struct socket *socket) {
	char *to = room_for(&socket->in, PIECE);
	long count = call(READ, socket->fd, (long)to, PIECE, 0, 0, 0);
	if (count == -EAGAIN || count == -EINTR) return count;
	if (socket->kind == CONTROL && count <= 0) leave(0);
	if (count == 0) socket->ended = 1;
	else if (count < 0) fail(socket, "read", count);
	else if (socket->kind == API) hear_api(socket, to, count);
	else if (socket->kind == TCP_HEARER) tell(socket->name, 0, to, count, "", "");
	else {
		socket->in.length += count;
		if (socket->kind == CONTROL) obey_all();
		else {
			while (answer_first(socket)) {}
			flush(socket);
		}
	}
	return count;
}

static void note_signal(int fd) {
	char details[128];
	if (call(READ, fd, (long)details, sizeof details, 0, 0, 0) <= 0) return;
	word("signal");
	word("SIGTERM");
	say();
	if (!stubborn) end(0);
}

static void connected(struct socket *socket) {
	int error = 0, size = sizeof error;
	call(GETSOCKOPT, socket->fd, SOL_SOCKET, SO_ERROR, (long)&error, (long)&size, 0);
	if (error) return fail(socket, "connect", -error);
	socket->connected = 1;
	say_of("opened", socket);
	flush(socket);
}

static void happen(struct socket *socket, int events) {
	if (socket->kind == SIGNALS) return note_signal(socket->fd);
	if (socket->kind == HTTP_LISTENER || socket->kind == TCP_LISTENER) return welcome(socket);
	if (!socket->connected) connected(socket);
	else {
		if (events & (POLLIN | POLLERR | POLLHUP)) hear(socket);
		if (socket->kind != NOBODY && events & POLLOUT) flush(socket);
	}
	settle(socket);
}

static short wanted(struct socket *socket) {
	int waits = socket->kind == API && !socket->connected;
	int reads = !waits && !socket->ended;
	return (short)((reads ? POLLIN : 0) | (waits || socket->out.length ? POLLOUT : 0));
}

static void introduce(const char *role, char **environment) {
	static struct bytes variables;
	for (char **variable = environment; *variable; variable++) {
		if (variable != environment) add(&variables, "", 1);
		add_text(&variables, *variable);
		if (begins(*variable, "aws_lambda_runtime_api=")) api = *variable + length_of("AWS_LAMBDA_RUNTIME_API=");
	}
	word("started");
	word(role);
	word_in_base64(api, length_of(api));
	word_in_base64(variables.at, variables.length);
	say();
}

/* The suite's address and this puppet's role. */
static struct address read_place(char *role) {
	char text[sizeof place];
	for (unsigned at = 0; at < sizeof place; at++) text[at] = place[at];
	const char *rest = text;
	for (int spaces = 0; *rest && spaces < 2; rest++)
		if (*rest == ' ') spaces++;
	memcpy(role, rest, length_of(rest) + 1);
	return address_of(text);
}

__attribute__((used, noreturn)) void begin(long *stack) {
	static char role[sizeof place];
	struct address suite = read_place(role);
	unsigned long terminated = 1ul << (SIGTERM - 1), blocked = terminated | 1ul << (SIGPIPE - 1);
	call(SIGPROCMASK, 0, (long)&blocked, 0, sizeof blocked, 0, 0);
	take(CONTROL, stream(0), "");
	control->connected = 1;
	if (call(CONNECT, control->fd, (long)&suite, sizeof suite, 0, 0, 0) < 0) leave(0);
	take(SIGNALS, call(SIGNALFD4, -1, (long)&terminated, sizeof terminated, CLOSE_ON_EXEC, 0, 0), "");
	introduce(role, (char **)(stack + 1) + stack[0] + 1);
	for (;;) {
		static struct pollfd polled[SOCKETS];
		for (int at = 0; at < SOCKETS; at++)
			polled[at] = (struct pollfd){sockets[at].kind == NOBODY ? -1 : sockets[at].fd, wanted(&sockets[at]), 0};
		if (call(PPOLL, (long)polled, SOCKETS, 0, 0, 8, 0) < 0) continue;
		for (int at = 0; at < SOCKETS; at++)
			if (polled[at].revents && sockets[at].kind != NOBODY && sockets[at].fd == polled[at].fd)
				happen(&sockets[at], polled[at].revents);
	}
}
