/*
 * /opt/bootstrap: asks the kernel for the pages of the engine that every start touches, all at once, then becomes the
 * engine with the program. A page that is read when it is first touched costs a start one wait each, hundreds in a row;
 * asked for beforehand they are read side by side. Nothing here can fail a start but the lack of an engine.
 *
 * It stands alone, without a C library: what it would load is more than what it does.
 */
#include "pages.h" /* ENGINE, PROGRAM, what the engine is told, PAGES: { first page, how many }, ..., FILES: { name, pages }, ... */

#if defined(__x86_64__)
enum { WRITE = 1, EXECVE = 59, FADVISE64 = 221, EXIT_GROUP = 231, OPENAT = 257, READLINKAT = 267 };
__asm__(".globl _start\n_start:\n\txor %ebp, %ebp\n\tmov %rsp, %rdi\n\tandq $-16, %rsp\n\tcall launch\n");
static long call(long number, long a, const void *b, long c, long d) {
	register long r10 __asm__("r10") = d;
	long result;
	__asm__ volatile("syscall" : "=a"(result) : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10) : "rcx", "r11", "memory");
	return result;
}
#elif defined(__aarch64__)
enum { OPENAT = 56, WRITE = 64, READLINKAT = 78, EXIT_GROUP = 94, EXECVE = 221, FADVISE64 = 223 };
__asm__(".globl _start\n_start:\n\tmov x29, #0\n\tmov x30, #0\n\tmov x0, sp\n\tbl launch\n");
static long call(long number, long a, const void *b, long c, long d) {
	register long x8 __asm__("x8") = number, x0 __asm__("x0") = a, x2 __asm__("x2") = c, x3 __asm__("x3") = d;
	register const void *x1 __asm__("x1") = b;
	__asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3) : "memory");
	return x0;
}
#endif

enum { AT_FDCWD = -100, CLOSE_ON_EXEC = 02000000, WILL_NEED = 3, PATH_BYTES = 4096, NAME_BYTES = 64, PAGE_SHIFT = 12, ONCE = 32 };

static const struct pages { unsigned first, count; } pages[] = { PAGES {0, 0} };

/* What else a start reads, and reads whole. */
static const struct whole { const char *name; unsigned count; } files[] = { FILES {0, 0} };

/* The folder of this file, however it was called: of the link in /proc all but the name. */
static char engine[PATH_BYTES + NAME_BYTES] = "/opt/", program[PATH_BYTES + NAME_BYTES], other[PATH_BYTES + NAME_BYTES];
static char *folder_end = engine + 5;

/* In that folder. */
static void name_file(char *path, const char *name) {
	for (const char *folder = engine; folder < folder_end;) *path++ = *folder++;
	while ((*path++ = *name++)) {}
}

static void find_folder(void) {
	char *end = engine + call(READLINKAT, AT_FDCWD, "/proc/self/exe", (long)engine, PATH_BYTES - 1);
	if (end <= engine) return;
	while (end[-1] != '/') end--;
	folder_end = end;
}

static long opened(const char *path) {
	return call(OPENAT, AT_FDCWD, path, CLOSE_ON_EXEC, 0);
}

static void ask(long file, unsigned first, unsigned count) {
	call(FADVISE64, file, (const void *)((long)first << PAGE_SHIFT), (long)count << PAGE_SHIFT, WILL_NEED);
}

/* Whether `text` goes on with `name`, in which Node takes a dash for an underscore. The end of it, or 0. */
static const char *past(const char *text, const char *name) {
	while (*name && (*text == *name || (*name == '-' && *text == '_'))) text++, name++;
	return *name ? 0 : text;
}

/* Whether the function says in NODE_OPTIONS what `flag` says, up to its value: Node would give the command line the last word. */
static int is_said(const char *flag, char **environment) {
	char name[NAME_BYTES], *end = name;
	while (*flag && *flag != '=') *end++ = *flag++;
	*end = 0;
	for (; *environment; environment++)
		for (const char *option = past(*environment, "NODE_OPTIONS="); option && *option; option++)
			if (past(option, name)) return 1;
	return 0;
}

static const char *const flags[] = { FLAGS };
enum { FLAG_COUNT = sizeof flags / sizeof *flags };

/* The function's memory in MiB, or 0 where nobody says it. */
static unsigned memory_of(char **environment) {
	const char *digits = 0;
	for (; *environment && !digits; environment++) digits = past(*environment, "AWS_LAMBDA_FUNCTION_MEMORY_SIZE=");
	unsigned memory = 0;
	for (; digits && *digits >= '0' && *digits <= '9' && memory < 1000000; digits++) memory = memory * 10 + (*digits - '0');
	return digits && !*digits ? memory : 0;
}

static char *with_number(char *flag, unsigned number) {
	char *end = flag, figures[NAME_BYTES];
	int count = 0;
	while (*end) end++;
	do figures[count++] = '0' + number % 10; while (number /= 10);
	while (count) *end++ = figures[--count];
	return flag;
}

__attribute__((used, noreturn)) void launch(long *stack) {
	long words = stack[0], file;
	char **arguments = (char **)(stack + 1), **environment = arguments + words + 1, *command[words + FLAG_COUNT + 5], **word = command;
	find_folder();
	name_file(engine, ENGINE);
	name_file(program, PROGRAM);
	for (const struct whole *each = files; each->count; each++) {
		name_file(other, each->name);
		file = opened(other);
		for (unsigned first = 0; first < each->count; first += ONCE) ask(file, first, ONCE);
	}
	if (pages->count) file = opened(engine);
	for (const struct pages *run = pages; run->count; run++) ask(file, run->first, run->count);
	*word++ = engine;
	for (int index = 0; index < FLAG_COUNT; index++) if (!is_said(flags[index], environment)) *word++ = (char *)flags[index];
	unsigned memory = memory_of(environment), young = memory / YOUNG_SHARE;
	static char heap[2][NAME_BYTES] = { OLD_SPACE, YOUNG_SPACE };
	if (is_said(OLD_SPACE, environment) || is_said(YOUNG_SPACE, environment)) memory = young = 0;
	if (memory) *word++ = with_number(heap[0], memory - memory / OLD_WITHOUT_SHARE);
	if (young && young < YOUNG_OF_V8) *word++ = with_number(heap[1], young);
	/* Else Node would end with an error of its own; so the runtime can tell Lambda of it. */
	static char readable[PATH_BYTES + NAME_BYTES] = READABLE;
	if (is_said("--permission", environment)) {
		name_file(readable + sizeof READABLE - 1, PROGRAM_FOLDER);
		*word++ = readable;
	}
	*word++ = program;
	for (long index = 1; index <= words; index++) *word++ = arguments[index];
	call(EXECVE, (long)engine, command, (long)environment, 0);
	static const char complaint[] = "Cannot start: " ENGINE " of the layer is missing or is made for another architecture\n";
	call(WRITE, 2, complaint, sizeof complaint - 1, 0);
	call(EXIT_GROUP, 1, 0, 0, 0);
	__builtin_unreachable();
}
