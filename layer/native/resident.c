/* Prints the pages of a file that are in memory, one run a line: the first page and how many. For the recording of
 * what a start touches, on a file system that reads nothing ahead. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

int main(int count, char **words) {
	int file = count == 2 ? open(words[1], O_RDONLY) : -1;
	struct stat status;
	if (file < 0 || fstat(file, &status) < 0) return perror(words[count - 1]), 1;
	long page = sysconf(_SC_PAGESIZE), pages = (status.st_size + page - 1) / page;
	unsigned char *resident = malloc(pages);
	void *content = mmap(0, status.st_size, PROT_READ, MAP_SHARED, file, 0);
	if (!resident || content == MAP_FAILED || mincore(content, status.st_size, resident) < 0) return perror(words[1]), 1;
	for (long first = 0, next; first < pages; first = next + 1) {
		for (next = first; next < pages && resident[next] & 1; next++) {}
		if (next > first) printf("%ld %ld\n", first, next - first);
	}
	return 0;
}
