using System.Runtime.InteropServices;

namespace OpenClaw.Kernel.Interop;

/// <summary>
/// Starts a program in a child process (fork(2), execve(2)), which may get namespaces of its own before. A process with
/// several threads gets no user namespace from unshare(2), and the runtime has several.
/// </summary>
/// <remarks>
/// The child has only the thread that forked, so a lock of another thread stays locked in it. Between fork and execve
/// it allocates nothing. It calls functions of libc that take no lock, without a transition of the garbage collector.
/// Each function is called once before the fork, because the first call looks it up. A compiler at run time would also
/// compile it then, into memory that parent and child share.
/// </remarks>
static unsafe partial class ForkedChild
{
    const int O_WRONLY = 1;
    const int F_DUPFD_CLOEXEC = 1030;

    /// <summary>The first descriptor that the program inherits, after the three of every process.</summary>
    const int First = 3;

    /// <summary>A number above the inherited descriptors.</summary>
    const int Aside = 200;

    /// <summary>Starts a program. Returns its process id, or the step that failed with its errno value.</summary>
    /// <param name="program">The path.</param>
    /// <param name="arguments">The arguments, the name of the process first.</param>
    /// <param name="environment">The environment, NAME=VALUE each.</param>
    /// <param name="namespaces">The namespaces to make, CLONE_NEW* of sched.h; 0 for none. Where a user namespace is
    /// among them, the user is root in it.</param>
    /// <param name="descriptors">The descriptors that the program inherits, from number 3 on.</param>
    public static (int Pid, ForkStep Failed, int Error) Start(
        string program,
        IReadOnlyList<string> arguments,
        IReadOnlyList<string> environment,
        int namespaces,
        ReadOnlySpan<int> descriptors
    )
    {
        var pipe = stackalloc int[2];
        if (pipe2(pipe, Fcntl.O_CLOEXEC) != 0)
            return (0, ForkStep.Fork, Marshal.GetLastSystemError());
        var sources = stackalloc int[descriptors.Length + 1];
        for (var i = 0; i < descriptors.Length; i++)
            sources[i] = Fcntl.fcntl(descriptors[i], F_DUPFD_CLOEXEC, Aside);
        var plan = new Plan
        {
            Program = Text(program),
            Arguments = List(arguments),
            Environment = List(environment),
            AtEndOfParent = Signal.SIGTERM,
            Namespaces = namespaces,
            Sources = sources,
            Descriptors = descriptors.Length,
            SetGroups = Text("/proc/self/setgroups"),
            Deny = Text("deny"),
            UserMap = Text("/proc/self/uid_map"),
            Users = Text($"0 {geteuid()} 1\n"),
            GroupMap = Text("/proc/self/gid_map"),
            Groups = Text($"0 {getegid()} 1\n"),
        };
        LookUp();
        var failure = stackalloc int[2];
        var pid = fork();
        if (pid == 0)
        {
            failure[0] = (int)Run(in plan);
            failure[1] = Marshal.GetLastSystemError();
            _ = write(pipe[1], failure, 2 * sizeof(int));
            _ = killNow(getpid(), Signal.SIGKILL);
        }

        var error = Marshal.GetLastSystemError();
        _ = close(pipe[1]);
        for (var i = 0; i < descriptors.Length; i++)
            _ = close(sources[i]);

        // execve closes the pipe. A child that fails before writes the reason into it.
        var length = pid < 0 ? 0 : read(pipe[0], failure, 2 * sizeof(int));
        _ = close(pipe[0]);
        if (pid < 0)
            return (0, ForkStep.Fork, error);
        if (length == 0)
            return (pid, default, 0);
        _ = SysWait.waitpid(pid, out _, 0);
        return (0, (ForkStep)failure[0], failure[1]);
    }

    /// <summary>Runs in the child. Returns only where a step fails.</summary>
    static ForkStep Run(in Plan plan)
    {
        // The child ends with the thread that started it.
        _ = prctl(PR_SET_PDEATHSIG, plan.AtEndOfParent, 0, 0, 0);
        if (plan.Namespaces != 0 && unshare(plan.Namespaces) != 0)
            return ForkStep.Unshare;
        if ((plan.Namespaces & Sched.CLONE_NEWUSER) != 0)
        {
            // Without privileges, only the own group can be mapped, and only where groups cannot be changed any
            // more (user_namespaces(7)).
            _ = WriteFile(plan.SetGroups, plan.Deny);
            if (!WriteFile(plan.UserMap, plan.Users) || !WriteFile(plan.GroupMap, plan.Groups))
                return ForkStep.Map;
        }

        for (var i = 0; i < plan.Descriptors; i++)
        {
            if (dup2(plan.Sources[i], First + i) < 0)
                return ForkStep.Inherit;
        }

        _ = execve(plan.Program, plan.Arguments, plan.Environment);
        return ForkStep.Exec;
    }

    static bool WriteFile(byte* path, byte* text)
    {
        var length = 0;
        while (text[length] != 0)
            length++;
        var file = open(path, O_WRONLY | Fcntl.O_CLOEXEC, 0);
        if (file < 0)
            return false;
        var isWritten = write(file, text, length) == length;
        return isWritten && close(file) == 0;
    }

    /// <summary>Calls each function in a way that has no effect.</summary>
    static void LookUp()
    {
        var empty = stackalloc byte[1];
        empty[0] = 0;
        _ = Run(new() { Program = empty });
        _ = unshare(0);
        _ = WriteFile(empty, empty);
        _ = write(-1, empty, 0);
        _ = read(-1, empty, 0);
        _ = close(-1);
        _ = dup2(-1, -1);
        _ = killNow(getpid(), 0);
        _ = Marshal.GetLastSystemError();
    }

    /// <summary>Copies a text for the child. It is never freed: a program starts few children.</summary>
    static byte* Text(string text) => (byte*)Marshal.StringToCoTaskMemUTF8(text);

    static byte** List(IReadOnlyList<string> texts)
    {
        var list = (byte**)NativeMemory.AllocZeroed((nuint)texts.Count + 1, (nuint)sizeof(byte*));
        for (var i = 0; i < texts.Count; i++)
            list[i] = Text(texts[i]);
        return list;
    }

    struct Plan
    {
        public byte* Program;
        public byte** Arguments;
        public byte** Environment;
        public nint AtEndOfParent;
        public int Namespaces;
        public int* Sources;
        public int Descriptors;
        public byte* SetGroups;
        public byte* Deny;
        public byte* UserMap;
        public byte* Users;
        public byte* GroupMap;
        public byte* Groups;
    }

    const int PR_SET_PDEATHSIG = 1;

    [LibraryImport("libc")]
    [SuppressGCTransition]
    private static partial int fork();

    [LibraryImport("libc")]
    [SuppressGCTransition]
    private static partial int unshare(int flags);

    [LibraryImport("libc")]
    [SuppressGCTransition]
    private static partial int prctl(int op, nint second, nint third, nint fourth, nint fifth);

    [LibraryImport("libc")]
    [SuppressGCTransition]
    private static partial int open(byte* path, int oflag, int mode);

    [LibraryImport("libc")]
    [SuppressGCTransition]
    private static partial nint write(int fildes, void* buf, nint nbyte);

    [LibraryImport("libc")]
    private static partial nint read(int fildes, void* buf, nint nbyte);

    [LibraryImport("libc")]
    [SuppressGCTransition]
    private static partial int close(int fildes);

    [LibraryImport("libc")]
    [SuppressGCTransition]
    private static partial int dup2(int fildes, int fildes2);

    [LibraryImport("libc")]
    [SuppressGCTransition]
    private static partial int execve(byte* path, byte** argv, byte** envp);

    [LibraryImport("libc", EntryPoint = "kill")]
    [SuppressGCTransition]
    private static partial int killNow(int pid, int sig);

    [LibraryImport("libc")]
    [SuppressGCTransition]
    private static partial int getpid();

    [LibraryImport("libc")]
    private static partial uint geteuid();

    [LibraryImport("libc")]
    private static partial uint getegid();

    [LibraryImport("libc")]
    private static partial int pipe2(int* fildes, int flags);
}

/// <summary>A step on the way to a program in a child process.</summary>
public enum ForkStep
{
    /// <summary>pipe(2) and fork(2).</summary>
    Fork,

    /// <summary>unshare(2).</summary>
    Unshare,

    /// <summary>The maps of users and groups.</summary>
    Map,

    /// <summary>The inherited descriptors.</summary>
    Inherit,

    /// <summary>execve(2).</summary>
    Exec,
}
