/*
 * The one function of GCC's libatomic that Node 26 calls, for machines without that library: Lambda's image is not
 * known to have it. Objects of one, two, four or eight bytes at their natural alignment, which is all that V8 passes,
 * are exchanged by the processor itself; anything else would need a lock that nobody else knows, so it ends the process.
 * Semantics: https://gcc.gnu.org/wiki/Atomic/GCCMM/LIbrary. The order is always the strictest, which any caller may get.
 */
typedef __SIZE_TYPE__ size;

#define EXCHANGE(type)                                                                                                 \
	return __atomic_compare_exchange((type *)object, (type *)expected, (type *)desired, 0, __ATOMIC_SEQ_CST,           \
	                                 __ATOMIC_SEQ_CST)

/* Under another name here, since the compiler has a function of its own under the exported one. */
_Bool exchange(size bytes, void *object, void *expected, void *desired, int success, int failure)
	__asm__("__atomic_compare_exchange");

_Bool exchange(size bytes, void *object, void *expected, void *desired, int success, int failure) {
	(void)success, (void)failure;
	if (((size)object & (bytes - 1)) == 0) {
		switch (bytes) {
		case 1: EXCHANGE(unsigned char);
		case 2: EXCHANGE(unsigned short);
		case 4: EXCHANGE(unsigned int);
		case 8: EXCHANGE(unsigned long);
		}
	}
	__builtin_trap();
}
