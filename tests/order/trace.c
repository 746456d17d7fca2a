/* Prints which functions a program enters: trace FUNCTIONS PROGRAM [ARGUMENT...]. FUNCTIONS has the offset of a
   function's first byte on each line, in hexadecimal. Each gets a breakpoint, which goes away when it is hit, so that
   the program runs nearly as fast as without. For x86-64 and programs whose code can be anywhere in memory. */
#define _GNU_SOURCE
#include <err.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

enum { BREAKPOINT = 0xCC, MOST = 200000 };

static unsigned long functions[MOST];
static size_t count;
static unsigned char *original, *armed;
static size_t length;
static unsigned long begin;
static int memory;

static void read_functions(const char *path)
{
    FILE *file = fopen(path, "r");
    if (!file)
        err(1, "%s", path);
    while (count < MOST && fscanf(file, "%lx", &functions[count]) == 1) {
        if (functions[count] >= length)
            length = functions[count] + 1;
        count++;
    }
    fclose(file);
}

static void set_breakpoints(pid_t pid)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/maps", pid);
    FILE *maps = fopen(path, "r");
    if (!maps || fscanf(maps, "%lx", &begin) != 1)
        err(1, "%s", path);
    fclose(maps);
    snprintf(path, sizeof path, "/proc/%d/mem", pid);
    memory = open(path, O_RDWR);
    original = malloc(length);
    armed = malloc(length);
    if (memory < 0 || !original || !armed || pread(memory, original, length, begin) != (ssize_t)length)
        err(1, "%s", path);
    memcpy(armed, original, length);
    for (size_t i = 0; i < count; i++)
        armed[functions[i]] = BREAKPOINT;
    if (pwrite(memory, armed, length, begin) != (ssize_t)length)
        err(1, "%s", path);
}

/* Two threads may hit one breakpoint. The second finds it gone, and must go back by a byte all the same. */
static int enter(pid_t thread)
{
    struct user_regs_struct registers;
    ptrace(PTRACE_GETREGS, thread, 0, &registers);
    unsigned long at = registers.rip - 1 - begin;
    if (at >= length || armed[at] != BREAKPOINT || original[at] == BREAKPOINT)
        return 0;
    unsigned char now;
    if (pread(memory, &now, 1, begin + at) == 1 && now == BREAKPOINT) {
        if (pwrite(memory, &original[at], 1, begin + at) != 1)
            err(1, "breakpoint");
        printf("%lx\n", at);
    }
    registers.rip--;
    ptrace(PTRACE_SETREGS, thread, 0, &registers);
    return 1;
}

int main(int argc, char **argv)
{
    if (argc < 3)
        errx(2, "usage: trace FUNCTIONS PROGRAM [ARGUMENT...]");
    read_functions(argv[1]);
    pid_t pid = fork();
    if (pid == 0) {
        dup2(2, 1);
        ptrace(PTRACE_TRACEME, 0, 0, 0);
        execv(argv[2], argv + 2);
        err(1, "%s", argv[2]);
    }
    int status;
    waitpid(pid, &status, 0);
    set_breakpoints(pid);
    ptrace(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACECLONE | PTRACE_O_EXITKILL);
    ptrace(PTRACE_CONT, pid, 0, 0);

    for (;;) {
        pid_t thread = waitpid(-1, &status, __WALL);
        if (thread < 0)
            err(1, "waitpid");
        if (!WIFSTOPPED(status)) {
            if (thread == pid)
                return 0;
            continue;
        }
        int signal = WSTOPSIG(status);
        int is_own = signal == SIGSTOP || (signal == SIGTRAP && (status >> 16 || enter(thread)));
        ptrace(PTRACE_CONT, thread, 0, is_own ? 0 : signal);
    }
}
