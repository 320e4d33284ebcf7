/*
 * What a program without a C library asks of Linux, and bytes that grow. A call that fails gives a negative number, and
 * which one says why.
 */
#if defined(__x86_64__)
enum {
	READ = 0, WRITE = 1, CLOSE = 3, MMAP = 9, SIGPROCMASK = 14, MREMAP = 25, GETPID = 39, SOCKET = 41, CONNECT = 42,
	SENDTO = 44, SHUTDOWN = 48, BIND = 49, LISTEN = 50, GETSOCKNAME = 51, SETSOCKOPT = 54, GETSOCKOPT = 55, KILL = 62,
	EXIT_GROUP = 231, OPENAT = 257, UNLINKAT = 263, FACCESSAT = 269, PPOLL = 271, ACCEPT4 = 288, SIGNALFD4 = 289
};
__asm__(".globl _start\n_start:\n\txor %ebp, %ebp\n\tmov %rsp, %rdi\n\tandq $-16, %rsp\n\tcall begin\n");
static long call(long number, long a, long b, long c, long d, long e, long f) {
	register long r10 __asm__("r10") = d, r8 __asm__("r8") = e, r9 __asm__("r9") = f;
	long result;
	__asm__ volatile("syscall"
	                 : "=a"(result)
	                 : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
	                 : "rcx", "r11", "memory");
	return result;
}
#elif defined(__aarch64__)
enum {
	UNLINKAT = 35, FACCESSAT = 48, OPENAT = 56, CLOSE = 57, READ = 63, WRITE = 64, PPOLL = 73, SIGNALFD4 = 74,
	EXIT_GROUP = 94, KILL = 129, SIGPROCMASK = 135, GETPID = 172, SOCKET = 198, BIND = 200, LISTEN = 201, CONNECT = 203,
	GETSOCKNAME = 204, SENDTO = 206, SETSOCKOPT = 208, GETSOCKOPT = 209, SHUTDOWN = 210, MREMAP = 216, MMAP = 222,
	ACCEPT4 = 242
};
__asm__(".globl _start\n_start:\n\tmov x29, #0\n\tmov x30, #0\n\tmov x0, sp\n\tbl begin\n");
static long call(long number, long a, long b, long c, long d, long e, long f) {
	register long x8 __asm__("x8") = number, x0 __asm__("x0") = a, x1 __asm__("x1") = b, x2 __asm__("x2") = c,
	                 x3 __asm__("x3") = d, x4 __asm__("x4") = e, x5 __asm__("x5") = f;
	__asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5) : "memory");
	return x0;
}
#endif

enum { EINTR = 4, EAGAIN = 11, EPIPE = 32, ECONNRESET = 104, ECONNREFUSED = 111, EINPROGRESS = 115 };
enum { AT_FDCWD = -100, O_WRONLY = 1, O_CREAT = 0100, O_TRUNC = 01000, CLOSE_ON_EXEC = 02000000, NONBLOCKING = 04000 };
enum { AF_INET = 2, SOCK_STREAM = 1, SOL_SOCKET = 1, SO_ERROR = 4, SO_LINGER = 13, IPPROTO_TCP = 6, TCP_NODELAY = 1 };
enum { MSG_NOSIGNAL = 0x4000, SHUT_WR = 1, SIGKILL = 9, SIGPIPE = 13, SIGTERM = 15 };
enum { POLLIN = 1, POLLOUT = 4, POLLERR = 8, POLLHUP = 16 };

struct pollfd { int fd; short events, revents; };

/* Port and host as they go over the wire. */
struct address { unsigned short family; unsigned char port[2], host[4], zero[8]; };

/* GCC itself calls these. */
void *memcpy(void *to, const void *from, unsigned long count) {
	char *target = to;
	for (const char *source = from; count--;) *target++ = *source++;
	return to;
}
void *memset(void *to, int byte, unsigned long count) {
	for (char *target = to; count--;) *target++ = (char)byte;
	return to;
}

static long length_of(const char *text) {
	long length = 0;
	while (text[length]) length++;
	return length;
}

/* Without regard to case, as names of headers are. */
static int begins(const char *text, const char *with) {
	for (; *with; text++, with++)
		if ((*text >= 'A' && *text <= 'Z' ? *text + 32 : *text) != *with) return 0;
	return 1;
}

static int same(const char *one, const char *other) {
	while (*one && *one == *other) one++, other++;
	return *one == *other;
}

static long number_in(const char *text) {
	long number = 0;
	while (*text >= '0' && *text <= '9') number = number * 10 + *text++ - '0';
	return number;
}

static __attribute__((noreturn)) void leave(long code) {
	call(EXIT_GROUP, code, 0, 0, 0, 0, 0);
	__builtin_unreachable();
}

struct bytes { char *at; long length, room; };

/* Room for so many more. */
static char *room_for(struct bytes *bytes, long more) {
	enum { READ_AND_WRITE = 3, PRIVATE_ANONYMOUS = 0x22, MAY_MOVE = 1, STEP = 1 << 16 };
	long room = (bytes->length + more + STEP) & -(long)STEP;
	if (room > bytes->room) {
		if (room < bytes->room * 2) room = bytes->room * 2;
		long at = bytes->at ? call(MREMAP, (long)bytes->at, bytes->room, room, MAY_MOVE, 0, 0)
		                    : call(MMAP, 0, room, READ_AND_WRITE, PRIVATE_ANONYMOUS, -1, 0);
		if (at < 0 && at > -4096) leave(1);
		bytes->at = (char *)at;
		bytes->room = room;
	}
	return bytes->at + bytes->length;
}

static void add(struct bytes *bytes, const char *more, long count) {
	memcpy(room_for(bytes, count), more, count);
	bytes->length += count;
}

static void add_text(struct bytes *bytes, const char *text) { add(bytes, text, length_of(text)); }

static void add_number(struct bytes *bytes, long number) {
	char digits[20];
	long at = sizeof digits;
	do digits[--at] = (char)('0' + number % 10);
	while (number /= 10);
	add(bytes, digits + at, (long)sizeof digits - at);
}

static void drop(struct bytes *bytes, long count) {
	bytes->length -= count;
	for (long index = 0; index < bytes->length; index++) bytes->at[index] = bytes->at[index + count];
}

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static void add_base64(struct bytes *bytes, const char *data, long count) {
	const unsigned char *from = (const unsigned char *)data;
	char *to = room_for(bytes, (count + 2) / 3 * 4);
	for (long at = 0; at < count; at += 3) {
		unsigned word = from[at] << 16 | (at + 1 < count ? from[at + 1] << 8 : 0) | (at + 2 < count ? from[at + 2] : 0);
		*to++ = letters[word >> 18];
		*to++ = letters[word >> 12 & 63];
		*to++ = at + 1 < count ? letters[word >> 6 & 63] : '=';
		*to++ = at + 2 < count ? letters[word & 63] : '=';
	}
	bytes->length += (count + 2) / 3 * 4;
}

static unsigned value_of(char letter) {
	if (letter >= 'a') return (unsigned)(letter - 'a') + 26;
	if (letter >= 'A') return (unsigned)(letter - 'A');
	if (letter >= '0') return (unsigned)(letter - '0') + 52;
	return letter == '+' ? 62 : 63;
}

static void add_decoded(struct bytes *bytes, const char *word) {
	char *to = room_for(bytes, length_of(word));
	unsigned held = 0, bits = 0;
	for (; *word && *word != '='; word++) {
		held = held << 6 | value_of(*word);
		if ((bits += 6) >= 8) *to++ = (char)(held >> (bits -= 8));
	}
	bytes->length = to - bytes->at;
}
